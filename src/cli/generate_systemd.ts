/** `myctr generate systemd`: a unit that starts a container when the machine starts. */

import { CtrError } from "../errors.ts";
import type { UnitFacts } from "../runtime/unit_facts.ts";
import { parseStopTimeout } from "../spec/parse_seconds.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { RESTART_POLICIES, type RestartPolicy } from "./systemd_unit.ts";

/** Finds a container. */
export type ReadUnitFacts = (reference: string) => Promise<UnitFacts>;

const UNITS = {
  placeholder: "unit",
  isRepeated: true,
  parse: parseUnitName,
} as const;

const GENERATE = {
  path: "myctr generate systemd",
  description: "Print a unit of systemd for a container",
  options: [
    { name: "after", long: "--after", ...UNITS, description: "start behind that unit" },
    {
      name: "isFile",
      long: "--files",
      short: "-f",
      description: "write container-NAME.service into the working directory, and print its path",
    },
    HELP_OPTION,
    { name: "requires", long: "--requires", ...UNITS, description: "start that unit too, and end with it" },
    {
      name: "restart",
      long: "--restart-policy",
      placeholder: "policy",
      kind: RESTART_POLICIES,
      parse: parsePolicy,
      description: "when systemd starts it again [default: on-failure]",
    },
    {
      name: "restartSeconds",
      long: "--restart-sec",
      placeholder: "seconds",
      parse: parseSeconds,
      description: "how long systemd waits before that",
    },
    {
      name: "stopSeconds",
      long: "--stop-timeout",
      short: "-t",
      aliases: ["--time"],
      placeholder: "seconds",
      parse: parseStopTimeout,
      description: "kill it so long after it was asked to end [default: its own, else 10]",
    },
    { name: "wants", long: "--wants", ...UNITS, description: "start that unit too" },
  ],
  operands: [{ name: "container", isRequired: true, kind: "container", description: "its name or id" }],
  examples: [
    "myctr generate systemd web >~/.config/systemd/user/web.service",
    "myctr generate systemd --files --restart-policy always web",
  ],
} as const satisfies Declaration;

/** Makes the command; `read` is another one in tests. */
export function generateSystemdCommand(read: ReadUnitFacts = readUnitFacts): Runnable {
  return runnable(GENERATE, async ({ operands: { container }, options }, session) => {
    const { after, requires, wants, isFile = false, restart = "on-failure", ...seconds } = options;
    const facts = await read(container);
    const { renderUnit, unitName } = await import("./systemd_unit.ts");
    const text = renderUnit({ ...facts, ...seconds, after, requires, wants, restart });
    if (!isFile) session.print(text);
    else session.print(`${writeUnit(`${Deno.cwd()}/${unitName(facts.name)}`, text)}\n`);
    return 0;
  });
}

/** What is there may have been changed by its owner. */
function writeUnit(path: string, text: string): string {
  try {
    Deno.writeTextFileSync(path, text, { createNew: true });
    return path;
  } catch (error) {
    const why = error instanceof Deno.errors.AlreadyExists
      ? "it is there already"
      : error instanceof Error
      ? error.message.replace(/ \(os error.*$/s, "")
      : String(error);
    throw new CtrError("usage", `Cannot write ${JSON.stringify(path)}: ${why}`, {
      hint: "Remove it, or print the unit without --files",
      cause: error,
    });
  }
}

function parsePolicy(text: string): RestartPolicy {
  const found = RESTART_POLICIES.find((policy) => policy === text);
  if (found !== undefined) return found;
  throw new CtrError(
    "usage",
    `Cannot use --restart-policy ${JSON.stringify(text)}: systemd has no such policy`,
    {
      hint: `Write one of ${RESTART_POLICIES.join(", ")}`,
    },
  );
}

function parseSeconds(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CtrError(
    "usage",
    `Cannot use --restart-sec ${JSON.stringify(text)}: it is no number of seconds`,
    {
      hint: "Write digits alone",
    },
  );
}

/** Source: systemd.unit(5), "unit names". */
function parseUnitName(text: string): string {
  const isName =
    /^[\w:.@\\-]{1,244}\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
  if (isName.test(text)) return text;
  throw new CtrError("usage", `Cannot use the unit ${JSON.stringify(text)}: that is no name of one`, {
    hint: "Write it with its ending, as in network-online.target",
  });
}

async function readUnitFacts(reference: string): Promise<UnitFacts> {
  const { unitFacts } = await import("../runtime/unit_facts.ts");
  return unitFacts(reference);
}
