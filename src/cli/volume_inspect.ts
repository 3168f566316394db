/** `myctr volume inspect`: shows all that is known of volumes, as docker does. */

import { CtrError } from "../errors.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration, OperandRow } from "./declaration.ts";
import { report } from "./report.ts";
import { noFormat } from "./no_format.ts";

/** The operand of commands about volumes. */
export const VOLUMES = {
  name: "volume",
  isRequired: true,
  isVariadic: true,
  kind: "named volume",
  description: "names",
} as const satisfies OperandRow;

const INSPECT = {
  path: "myctr volume inspect",
  description: "Show all that is known of volumes",
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
  ],
  operands: [VOLUMES],
  examples: ["myctr volume inspect data", "myctr volume inspect --format {{.Mountpoint}} data"],
} as const satisfies Declaration;

/** Makes the command. */
export function inspectVolumeCommand(): Runnable {
  return runnable(INSPECT, async ({ operands, options: { format } }, session) => {
    const render = await chooseFormat(format);
    const { readVolume, volumeData } = await import("../runtime/volumes.ts");
    const { GoMap } = await import("./template/values.ts");
    const found: unknown[] = [];
    let exitCode = 0;
    for (const typed of operands.volume) {
      try {
        const { name, createdMs, labels, options } = readVolume(typed);
        found.push({
          CreatedAt: new Date(createdMs).toISOString(),
          Driver: "local",
          Labels: new GoMap("", Object.entries(labels)),
          Mountpoint: volumeData(name),
          Name: name,
          Options: new GoMap("", Object.entries(options)),
          Scope: "local",
        });
      } catch (error) {
        if (!(error instanceof CtrError)) throw error;
        session.warn(report(error, session).text);
        exitCode = 1;
      }
    }
    session.print(render(found));
    return exitCode;
  });
}

async function chooseFormat(format: string | undefined): Promise<(found: readonly unknown[]) => string> {
  if (format === undefined || format === "json") {
    const indent = format === undefined ? 4 : undefined;
    return (found) =>
      `${
        JSON.stringify(found, (_, each) => each instanceof Map ? Object.fromEntries(each) : each, indent)
      }\n`;
  }
  if (!format.includes("{{")) throw noFormat(format, ["json"]);
  const { parseTemplate } = await import("./template/template.ts");
  const template = parseTemplate(format);
  return (found) => found.length === 0 ? "\n" : found.map((each) => `${template.render(each)}\n`).join("");
}
