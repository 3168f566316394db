/** `myctr wait`: waits until containers have ended, and prints their exit codes. */

import { CtrError } from "../errors.ts";
import type { HealthCondition } from "../runtime/wait_health.ts";
import type { WaitCondition } from "../runtime/wait_container.ts";
import { didYouMean } from "../spec/nearest.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS, reportFailure } from "./each_container.ts";

/** A container that is waited for. */
export interface Waited extends Disposable {
  /** Waits, and gives the exit code; or, where a state of health was waited for, its name. */
  wait(): number | string;
}

/** Finds a container, and begins to look at it. */
export type FindWaited = (reference: string, condition: Condition) => Promise<Waited>;

/** Podman's, for a container that is not there. */
const MISSING = -1;

/** What can be waited for. */
export type Condition = WaitCondition | HealthCondition;

const CONDITIONS: readonly Condition[] = ["healthy", "next-exit", "not-running", "removed", "unhealthy"];

const WAIT = {
  path: "myctr wait",
  description: "Wait until containers have ended, and print their exit codes",
  options: [
    {
      name: "condition",
      long: "--condition",
      placeholder: "condition",
      kind: CONDITIONS,
      description: "not-running (default), next-exit, removed, healthy or unhealthy",
      parse: parseCondition,
    },
    HELP_OPTION,
    { name: "ignore", long: "--ignore", description: "print -1 for a container that is not there" },
  ],
  operands: [CONTAINERS],
  examples: ["myctr wait web", "myctr wait --condition healthy web && myctr exec web client"],
} as const satisfies Declaration;

/** Makes the command; `find` is another one in tests. */
export function waitCommand(find: FindWaited = findWaited): Runnable {
  return runnable(WAIT, async ({ operands, options }, session) => {
    const { condition = "not-running", ignore = false } = options;
    using files = new DisposableStack();
    const waited: (Waited | "missing")[] = [];
    let exitCode = 0;
    // All of them first: one may be gone before it is its turn.
    for (const reference of operands.container) {
      const failed = await reportFailure(session, async () => {
        waited.push(await findOr(find, { reference, condition, ignore }));
      });
      exitCode ||= failed;
    }
    for (const each of waited) {
      const failed = await reportFailure(session, () => {
        if (each !== "missing") files.use(each);
        session.print(`${each === "missing" ? MISSING : each.wait()}\n`);
      });
      exitCode ||= failed;
    }
    return exitCode;
  });
}

async function findOr(
  find: FindWaited,
  { reference, condition, ignore }: {
    readonly reference: string;
    readonly condition: Condition;
    readonly ignore: boolean;
  },
): Promise<Waited | "missing"> {
  try {
    return await find(reference, condition);
  } catch (error) {
    if (ignore && error instanceof CtrError && error.code === "not_found") return "missing";
    throw error;
  }
}

function parseCondition(text: string): Condition {
  const found = CONDITIONS.find((condition) => condition === text);
  if (found !== undefined) return found;
  throw new CtrError("usage", `Cannot wait for ${JSON.stringify(text)}: there is no such condition`, {
    hint: didYouMean(text, CONDITIONS, `Write ${CONDITIONS.join(", or ")}`),
  });
}

async function findWaited(reference: string, condition: Condition): Promise<Waited> {
  if (condition === "healthy" || condition === "unhealthy") {
    const { WaitedHealth } = await import("../runtime/wait_health.ts");
    return new WaitedHealth(reference, condition);
  }
  const { WaitedContainer } = await import("../runtime/wait_container.ts");
  return new WaitedContainer(reference, condition);
}
