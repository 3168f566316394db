/** `--status-file`: how a run ended, as JSON for scripts: they can tell an engine that failed from a program's own 125. */

import { CtrError } from "../errors.ts";
import type { RunEnd } from "../runtime/start_container.ts";
import { writeGiven } from "../runtime/run_files.ts";
import { signalName } from "../spec/parse_signal.ts";
import { type ReadArgv, readArgv } from "./argv.ts";
import { report } from "./report.ts";
import { RUN } from "./run_options.ts";

/** What stands in the file. Every field is always there. */
export interface Status {
  /**
   * `ok`: the container ran; `left`: it runs on without who stayed; `killed`: what watched it was killed, and it with it;
   * `error`: it did not come to run.
   */
  readonly engine: "ok" | "left" | "killed" | "error";
  /** myctr's own. */
  readonly exitCode: number;
  /** The signal that ended process 1, such as `SIGKILL`. */
  readonly signal: string | null;
  /** Whether it was ended because the time of --timeout was over. */
  readonly timedOut: boolean;
  readonly error: StatusError | null;
}

/** What is told on standard error, apart. */
export interface StatusError {
  readonly code: string;
  readonly message: string;
  /** Number of the step of the plan, the call, and its errno. */
  readonly step: number | null;
  readonly call: string | null;
  readonly errno: string | null;
  readonly hint: string | null;
}

/**
 * Does what `act` does, writes its end to a file, and gives the exit code. The file is empty until then, so that an
 * older end is never taken for this one. What `act` throws is for {@link tellFailure}.
 *
 * @throws {CtrError} what `act` throws; code "usage" where the file can't be written
 */
export async function withStatusFile(path: string, act: () => Promise<RunEnd>): Promise<number> {
  writeGiven(path, "", { flag: "--status-file" });
  const end = await act();
  write(path, endStatus(end));
  return end.exitCode;
}

/**
 * Writes what went wrong to the status file of a command line, if it can be found in there: behind an option that is
 * not known it can not, as nobody knows which word is whose. Never throws: there is an error to be told already.
 */
export function tellFailure(argv: readonly string[], error: unknown): void {
  try {
    const path = maybeStatusFile(argv);
    if (path !== undefined) write(path, failureStatus(error));
  } catch {
    // People are still told.
  }
}

function write(path: string, status: Status): void {
  writeGiven(path, `${JSON.stringify(status)}\n`, { flag: "--status-file" });
}

/** The last --status-file that can be read: the line is read again and again, a word further each time. */
function maybeStatusFile(argv: readonly string[]): string | undefined {
  let found: string | undefined;
  let readable = 0;
  // One word too few is no mistake, as the next may be its value; two are.
  for (let end = 1; end <= argv.length && end - readable <= 2; end++) {
    const read = maybeRead(argv.slice(0, end));
    if (read === undefined) continue;
    if (read.operands.length > 0) break;
    readable = end;
    found = read.settings.findLast(({ option }) => option.name === "statusFile")?.text;
  }
  return found;
}

function maybeRead(argv: readonly string[]): ReadArgv | undefined {
  try {
    return readArgv(argv, RUN);
  } catch {
    return undefined;
  }
}

/** Builds the status of a run that came to its end. */
export function endStatus({ engine, exitCode, signal, isTimedOut }: RunEnd): Status {
  return {
    engine,
    exitCode,
    signal: signal === undefined ? null : signalName(signal),
    timedOut: isTimedOut,
    error: null,
  };
}

/** Builds the status of a run that failed. */
export function failureStatus(error: unknown): Status {
  const { code, hint, site } = error instanceof CtrError
    ? error
    : { code: "internal", hint: undefined, site: undefined };
  return {
    engine: "error",
    exitCode: report(error).exitCode,
    signal: null,
    timedOut: false,
    error: {
      code,
      message: error instanceof Error ? error.message : String(error),
      step: site?.step ?? null,
      call: site?.call ?? null,
      errno: site?.errno ?? null,
      hint: hint ?? null,
    },
  };
}
