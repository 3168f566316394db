/** The one error class: what a user can be told. Anything else thrown is a bug and is printed as one. Pure. */

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
