/** Commands that take several containers: each is done for itself, and what goes wrong with one does not stop the rest. */

import { CtrError } from "../errors.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/**
 * Does something with each container that was named, prints its name as typed when it is done, and gives the exit code:
 * 1 where one of them failed.
 */
export async function forEachContainer(
  references: readonly string[],
  session: Session,
  act: (reference: string) => Promise<void>,
): Promise<number> {
  let exitCode = 0;
  for (const reference of references) {
    try {
      await act(reference);
      session.print(`${reference}\n`);
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      session.warn(report(error, session).text);
      exitCode = 1;
    }
  }
  return exitCode;
}
