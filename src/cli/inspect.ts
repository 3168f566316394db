/** `myctr inspect`: shows all that is known of containers, as docker does. */

import { CtrError } from "../errors.ts";
import type { ContainerFacts } from "../runtime/inspect.ts";
import { ANNOTATION } from "../spec/types.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS } from "./each_container.ts";
import { renderHidden } from "./human_size.ts";
import { noFormat } from "./no_format.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/** Reads what is known of a container. @throws {CtrError} where there is none */
export type InspectContainer = (
  reference: string,
  options: { readonly isSized: boolean },
) => Promise<ContainerFacts>;

const INSPECT = {
  path: "myctr inspect",
  description: "Show all that is known of containers",
  options: [
    {
      name: "format",
      long: "--format",
      short: "-f",
      placeholder: "format",
      kind: ["json"],
      description: "a template as docker has them, or json: on one line",
    },
    HELP_OPTION,
    { name: "run", long: "--run", description: "print the command line that made it" },
    { name: "size", long: "--size", short: "-s", description: "measure how much room it takes" },
    {
      name: "type",
      long: "--type",
      placeholder: "type",
      kind: ["container"],
      description: "what it is: container, the one type there is",
      parse: parseType,
    },
  ],
  operands: [CONTAINERS],
  examples: [
    "myctr inspect web",
    "myctr inspect --format {{.State.ExitCode}} web db",
    "myctr inspect --run web",
  ],
} as const satisfies Declaration;

/** Makes the command; `inspect` is another one in tests. */
export function inspectCommand(inspect: InspectContainer = inspectContainer): Runnable {
  return runnable(INSPECT, async ({ operands, options: { format, size, run } }, session) => {
    if (run && format !== undefined) {
      throw new CtrError("usage", "Cannot use --run with --format: each is an output of its own", {
        hint: "Leave out one of the two",
      });
    }
    const render = run ? renderCommands : await chooseFormat(format);
    const failures: CtrError[] = [];
    const found: ContainerFacts[] = [];
    for (const reference of operands.container) {
      try {
        found.push(await inspect(reference, { isSized: size === true }));
      } catch (error) {
        if (!(error instanceof CtrError)) throw error;
        failures.push(error);
      }
    }
    session.print(await render(found));
    session.warn(found.map(({ state, size }) => renderHidden(state.name, size?.hiddenCount ?? 0)).join(""));
    tell(failures, session);
    return failures.length === 0 ? 0 : 1;
  });
}

function tell(failures: readonly CtrError[], session: Session): void {
  for (const error of failures) session.warn(report(error, session).text);
}

type Render = (found: readonly ContainerFacts[]) => Promise<string>;

/** A mistake in a template is found before anything is done. */
async function chooseFormat(format: string | undefined): Promise<Render> {
  if (format === undefined) {
    return async (found) => `${indentJson(await objectsOf(found))}\n`;
  }
  if (format === "json") {
    const { encodeJson } = await import("./template/encode_json.ts");
    return async (found) => `${encodeJson(await objectsOf(found))}\n`;
  }
  if (!format.includes("{{")) throw noFormat(format, ["json"]);
  const { parseTemplate } = await import("./template/template.ts");
  const template = parseTemplate(format);
  return async (found) => {
    const lines = (await objectsOf(found)).map((object) => `${template.render(object)}\n`);
    // As docker does: a line is read where one is waited for.
    return lines.length === 0 ? "\n" : lines.join("");
  };
}

async function objectsOf(found: readonly ContainerFacts[]): Promise<readonly unknown[]> {
  const { buildContainerObject, inspectedOf } = await import("./inspect/container_object.ts");
  return found.map((facts) => buildContainerObject(inspectedOf(facts)));
}

/** Maps of a template are objects in JSON. */
function indentJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) =>
      each instanceof Map ? Object.fromEntries([...each].sort(([a], [b]) => a < b ? -1 : 1)) : each,
    4,
  );
}

async function renderCommands(found: readonly ContainerFacts[]): Promise<string> {
  const { shellLine } = await import("../plan/shell_word.ts");
  const lines = found.map(({ spec, state }) => {
    const kept = spec.annotations[ANNOTATION.createCommand];
    if (kept === undefined) {
      throw new CtrError("bad_state", `Cannot tell what made container "${state.name}": it was not kept`, {
        hint: "Containers of older versions do not have it",
      });
    }
    return shellLine(JSON.parse(kept));
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Docker's types, of things that are not there yet. */
const LATER_TYPES: readonly string[] = [
  "image",
  "network",
  "volume",
  "plugin",
  "node",
  "service",
  "task",
  "secret",
  "config",
];

function parseType(text: string): string {
  if (text === "container" || text === "") return "container";
  const isLater = LATER_TYPES.includes(text);
  throw new CtrError(
    isLater ? "unsupported" : "usage",
    `Cannot use --type ${JSON.stringify(text)}: ${isLater ? "it is not there yet" : "there is no such type"}`,
    { hint: "Write --type container, or leave it out" },
  );
}

async function inspectContainer(
  reference: string,
  options: { readonly isSized: boolean },
): Promise<ContainerFacts> {
  return (await import("../runtime/inspect.ts")).inspectContainer(reference, options);
}
