/** Commands that take several containers: each is done for itself, and what goes wrong with one does not stop the rest. */

import { CtrError } from "../errors.ts";
import type { OperandRow } from "./declaration.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/** Does something with the container that was named. */
export type ActOnContainer = (reference: string) => Promise<void>;

/** Whether an error, which is said in any case, is none for the exit code. */
export type IsFine = (error: CtrError) => boolean;

/** The operand of such a command. */
export const CONTAINERS = {
  name: "container",
  isRequired: true,
  isVariadic: true,
  kind: "container",
  description: "names, ids, or the first letters of ids",
} as const satisfies OperandRow;

/**
 * Does something with each container that was named, prints its name as typed when it is done, and gives the exit code:
 * 1 where one of them failed, unless that is fine.
 */
export async function forEachContainer(
  references: readonly string[],
  session: Session,
  act: ActOnContainer,
  isFine: IsFine = () => false,
): Promise<number> {
  let exitCode = 0;
  for (const reference of references) {
    if (await tryOne(reference, { session, act, isFine }) !== 0) exitCode = 1;
  }
  return exitCode;
}

/** The same with all of them at once: one that takes long does not hold up the others. */
export async function forEachAtOnce(
  references: readonly string[],
  session: Session,
  act: ActOnContainer,
): Promise<number> {
  return Math.max(...await Promise.all(references.map((reference) => tryOne(reference, { session, act }))));
}

interface Trial {
  readonly session: Session;
  readonly act: ActOnContainer;
  readonly isFine?: IsFine;
}

async function tryOne(reference: string, { session, act, isFine }: Trial): Promise<number> {
  return await reportFailure(session, async () => {
    await act(reference);
    session.print(`${reference}\n`);
  }, isFine);
}

/** Does something with a container; what is wrong with that is said, and the exit code is docker's 1 then. */
export async function reportFailure(
  session: Session,
  act: () => Promise<void> | void,
  isFine: IsFine = () => false,
): Promise<number> {
  try {
    await act();
    return 0;
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    session.warn(report(error, session).text);
    return isFine(error) ? 0 : 1;
  }
}
