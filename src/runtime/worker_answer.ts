/** How a myctr that does some work for another one tells it what came of that: one line of JSON. */

import { CtrError, type ErrorCode, tellable } from "../errors.ts";

/** Such a line; the reader knows what the result is. */
type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } };

/** Does the work, and gives the line. */
export async function answerOf(work: () => Promise<unknown>): Promise<string> {
  let answer: Answer;
  try {
    answer = { result: await work() };
  } catch (error) {
    const { code = "internal", message, hint } = (tellable(error) ?? error) as Partial<CtrError> & Error;
    answer = { error: { code, message, ...(hint !== undefined && { hint }) } };
  }
  return JSON.stringify(answer);
}

/** Reads the line. @throws {CtrError} what the other one says */
export function readAnswer<Result>(line: string): Result {
  const answer = JSON.parse(line) as Answer;
  if (!("error" in answer)) return answer.result as Result;
  const { code, message, hint } = answer.error;
  throw new CtrError(code, message, { hint });
}

/** The error for a worker that gave none. `what` follows "Cannot". */
export function noAnswer(what: string): CtrError {
  return new CtrError("syscall", `Cannot ${what}: the process that does it was killed`, {
    hint: "Look for the kernel's out-of-memory killer in dmesg, then try again",
  });
}
