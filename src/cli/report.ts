/** Renders what went wrong and chooses the exit code. Pure. */

import { CtrError, type ErrorCode, tellable } from "../errors.ts";
import { visible } from "./visible.ts";

/** What is printed on standard error, and how myctr ends. */
export interface Report {
  readonly text: string;
  readonly exitCode: number;
}

/** Docker's: 125 myctr itself failed, 126 the command can't be executed, 127 it is not there. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  usage: 125,
  not_found: 125,
  conflict: 125,
  bad_state: 125,
  unsupported: 125,
  syscall: 125,
  command_not_found: 127,
  command_not_executable: 126,
  internal: 125,
};

/** How much to tell. */
export interface ReportOptions {
  /** Whether stack traces and causes are wanted: `--debug`. */
  readonly isDebug?: boolean;
}

/** Renders what was thrown: what a user can be told, or, for anything else, that it is a bug and where. */
export function report(thrown: unknown, { isDebug = false }: ReportOptions = {}): Report {
  const error = tellable(thrown);
  if (error === undefined) {
    return { text: lines([`Internal error: this is a bug in myctr`, ...stackOf(thrown)]), exitCode: 125 };
  }
  const { site, hint, cause } = error;
  const told = [
    visible(error.message),
    ...(site === undefined
      ? []
      : [`  step  ${site.step} of ${site.of}`, `  call  ${visible(site.call)} = ${site.errno}`]),
    ...(cause instanceof CtrError ? [`  also  ${visible(cause.message)}`] : []),
    ...(hint === undefined ? [] : [`  hint  ${visible(hint)}`]),
    ...(isDebug ? stackOf(error) : []),
  ];
  return { text: lines(told), exitCode: EXIT_CODES[error.code] };
}

function lines(told: readonly string[]): string {
  return `myctr: ${told.join("\n")}\n`;
}

function stackOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [`  ${visible(String(error))}`];
  const own = (error.stack ?? String(error)).split("\n").map((line) => `  ${visible(line)}`);
  return error.cause === undefined ? own : [...own, "  caused by", ...stackOf(error.cause)];
}
