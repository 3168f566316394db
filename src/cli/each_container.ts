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
    const failed = await reportFailure(session, async () => {
      await act(reference);
      session.print(`${reference}\n`);
    });
    exitCode ||= failed;
  }
  return exitCode;
}

/** Does something with a container; what is wrong with that is said, and the exit code is docker's 1 then. */
export async function reportFailure(session: Session, act: () => Promise<void> | void): Promise<number> {
  try {
    await act();
    return 0;
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    session.warn(report(error, session).text);
    return 1;
  }
}
