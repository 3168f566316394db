/** What commands see of the world around them, and the one place where errors are printed. */

import { printError, printText } from "./output.ts";
import { report } from "./report.ts";

/** Where a command's output goes. */
export interface Output {
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly warn: (text: string) => void;
}

/** What a command sees of the world around it. */
export interface Session extends Output {
  /** Whether `--debug` was given. */
  readonly isDebug: boolean;
}

/** The streams of this process. */
export const STREAMS: Session = { print: printText, warn: printError, isDebug: false };

/** Does what `act` does and returns the exit code. Errors are printed here, and nowhere else. */
export async function runReported(
  session: Session,
  act: (session: Session) => Promise<number>,
): Promise<number> {
  try {
    return await act(session);
  } catch (error) {
    const { text, exitCode } = report(error, session);
    session.warn(text);
    return exitCode;
  }
}
