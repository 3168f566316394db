/** The one error class: what a user can be told. Anything else thrown is a bug, or a machine that is worn out. Pure. */

/** What went wrong, for programs; `src/cli/report.ts` maps each to an exit code. */
export type ErrorCode =
  | "usage"
  | "not_found"
  | "conflict"
  | "bad_state"
  | "unsupported"
  | "syscall"
  | "command_not_found"
  | "command_not_executable"
  | "internal";

/** The operation of a plan that stopped it. */
export interface StepSite {
  /** Number of the operation in the plan, from 1. */
  readonly step: number;
  /** How many operations the plan has. */
  readonly of: number;
  /** The call as strace would print it, without its result. */
  readonly call: string;
  /** The errno's name, such as `EPERM`. */
  readonly errno: string;
}

/** What an error may carry besides its message. */
export interface ErrorDetail {
  /** One imperative sentence: what to do next. */
  readonly hint?: string | undefined;
  readonly site?: StepSite | undefined;
  readonly cause?: unknown;
}

/** An error with a message for people (`Cannot <verb> <object>[: <state found>]`) and a code for programs. */
export class CtrError extends Error {
  override readonly name = "CtrError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly site: StepSite | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.site = detail.site;
  }
}

/** What is no fault of myctr's, wherever it happens. Source: errno(3). */
const WORN_OUT: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on that disk; "myctr system prune" gives back what nothing uses',
  EDQUOT: "Use less of that disk, or ask for a larger quota",
  EROFS: "Mount that disk for writing, or choose another state directory by --root",
  EIO: "Look into dmesg: the disk may be failing",
  EMFILE: "Raise the limit of open files: see ulimit -n",
  ENFILE: "Raise /proc/sys/fs/file-max",
  ENOMEM: "Give the machine more memory, or end other programs",
};

/** Finds what a user can be told of an error; undefined for a bug. */
export function tellable(error: unknown): CtrError | undefined {
  if (error instanceof CtrError) return error;
  if (!(error instanceof Error)) return undefined;
  // Deno's errors have the name of the number, those of a failed call have it in their text.
  const { code } = error as { readonly code?: unknown };
  const name = typeof code === "string" ? code : /: (E[A-Z0-9]+) \(/.exec(error.message)?.[1];
  const hint = name === undefined || !Object.hasOwn(WORN_OUT, name) ? undefined : WORN_OUT[name];
  if (hint === undefined) return undefined;
  const [, why = error.message, where] =
    /^(.*?)(?: \(os error \d+\))?(?:: \w+ '(.*)')?$/.exec(error.message) ?? [];
  const message = where === undefined
    ? `Cannot go on: ${why}`
    : `Cannot go on with ${JSON.stringify(where)}: ${why}`;
  return new CtrError("syscall", message, { hint, cause: error });
}
