/** `myctr stop` and `myctr kill`: end containers that run. */

import { parseSignal } from "../spec/parse_signal.ts";
import { parseStopTimeout } from "../spec/parse_seconds.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration, OptionRow } from "./declaration.ts";
import { CONTAINERS, forEachAtOnce } from "./each_container.ts";
import type { Session } from "./session.ts";

/** What asks a container to end, and how long it has: those of `stop` and `restart`. */
export const STOP_OPTIONS = [
  HELP_OPTION,
  {
    name: "signal",
    long: "--signal",
    short: "-s",
    placeholder: "signal",
    parse: parseSignal,
    description: "the signal that asks it to end [default: its own, else TERM]",
  },
  {
    name: "timeoutSeconds",
    long: "--timeout",
    short: "-t",
    aliases: ["--time"],
    placeholder: "seconds",
    parse: parseStopTimeout,
    description: "kill it after so long, -1 for never [default: its own, else 10]",
  },
] as const satisfies readonly OptionRow[];

const STOP = {
  path: "myctr stop",
  description: "Stop running containers: a signal, then SIGKILL",
  options: STOP_OPTIONS,
  operands: [CONTAINERS],
  examples: ["myctr stop web", "myctr stop -t 1 -s INT web db"],
} as const satisfies Declaration;

const KILL = {
  path: "myctr kill",
  description: "Kill running containers, or send them a signal",
  options: [
    HELP_OPTION,
    {
      name: "signal",
      long: "--signal",
      short: "-s",
      placeholder: "signal",
      parse: parseSignal,
      description: "the signal, by name or number [default: KILL]",
    },
  ],
  operands: [CONTAINERS],
  examples: ["myctr kill web", "myctr kill --signal HUP web"],
} as const satisfies Declaration;

const SIGKILL = parseSignal("KILL");

/** Makes `myctr stop`. */
export function stopCommand(): Runnable {
  return runnable(STOP, async ({ operands, options }, session) => {
    const { stopContainer } = await import("../runtime/stop.ts");
    return await forEachAtOnce(operands.container, session, async (reference) => {
      await stopContainer(reference, { ...options, note: noteTo(session) });
    });
  });
}

/** Makes `myctr kill`. */
export function killCommand(): Runnable {
  return runnable(KILL, async ({ operands, options: { signal = SIGKILL } }, session) => {
    const { killContainer } = await import("../runtime/stop.ts");
    return await forEachAtOnce(operands.container, session, async (reference) => {
      await killContainer(reference, { signal, note: noteTo(session) });
    });
  });
}

/** Says what the user should know, and goes on. */
export function noteTo({ warn }: Session): (text: string) => void {
  return (text) => warn(`myctr: note: ${text}\n`);
}
