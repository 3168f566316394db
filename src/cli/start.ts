/** `myctr start`: starts containers that are there. */

import { CtrError } from "../errors.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import type { DetachKeys } from "../spec/detach_keys.ts";
import {
  DETACH_KEYS_OPTION,
  FAIL_STEP_OPTION,
  PAUSE_STEP_OPTION,
  SIG_PROXY_OPTION,
} from "./process_options.ts";
import { CONTAINERS, forEachContainer } from "./each_container.ts";

/** Starts a container; with `isAttached`, stays until its end and gives its exit code, else 0. */
export type StartContainer = (reference: string, options: StartOptions) => Promise<number>;

/** How a container is started. */
export interface StartOptions {
  readonly isAttached: boolean;
  /** Whether keys typed here go to the container's terminal, where it has one. */
  readonly isTyping?: boolean;
  readonly detachKeys?: DetachKeys;
  readonly sigProxy?: boolean;
  readonly failStep?: string;
  readonly pauseStep?: string;
}

const START = {
  path: "myctr start",
  description: "Start containers that were created, or have ended",
  options: [
    { name: "attach", long: "--attach", short: "-a", description: "stay, and show what it writes" },
    DETACH_KEYS_OPTION,
    FAIL_STEP_OPTION,
    HELP_OPTION,
    {
      name: "interactive",
      long: "--interactive",
      short: "-i",
      description: "stay, and pass standard input on to one made with -i",
    },
    PAUSE_STEP_OPTION,
    SIG_PROXY_OPTION,
  ],
  operands: [CONTAINERS],
  examples: ["myctr start web", "myctr start --attach web   As run does: its output, its exit code"],
} as const satisfies Declaration;

/** Makes the command; `start` is another one in tests. */
export function startCommand(start: StartContainer = startContainer): Runnable {
  return runnable(START, async ({ operands, options: { attach, interactive, ...asked } }, session) => {
    if (attach === undefined && interactive === undefined) {
      return await forEachContainer(operands.container, session, async (reference) => {
        await start(reference, { isAttached: false, ...asked });
      });
    }
    const [reference, ...more] = operands.container;
    if (more.length > 0) {
      throw new CtrError("usage", "Cannot attach to several containers: their output would be mixed", {
        hint: "Start them one by one, or without --attach",
      });
    }
    return await start(reference!, { isAttached: true, isTyping: interactive ?? false, ...asked });
  });
}

async function startContainer(reference: string, options: StartOptions): Promise<number> {
  const { startAgain } = await import("../runtime/start.ts");
  return await startAgain(reference, options);
}
