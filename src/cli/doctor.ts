/** `myctr doctor`: tells what this machine offers for containers. */

import type { Findings } from "../doctor/findings.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { FORMAT_OPTION, hasColour, renderJson } from "./output_format.ts";

/** Looks at the machine. */
export type Examine = () => Promise<Findings>;

const DOCTOR = {
  path: "myctr doctor",
  description: "Try what this machine offers for containers, and tell what is missing",
  options: [FORMAT_OPTION, HELP_OPTION],
  operands: [],
  examples: ["myctr doctor", "myctr doctor --format json"],
  footer: "Ends with 0 where containers can run, else with 1.",
} as const satisfies Declaration;

/** Makes the command; `examine` is another one in tests. */
export function doctorCommand(examine: Examine = examineHere): Runnable {
  return runnable(DOCTOR, async ({ options: { format } }, session) => {
    const { judge } = await import("../doctor/judge.ts");
    const diagnosis = judge(await examine());
    if (format === "json") {
      session.print(renderJson(diagnosis));
    } else {
      const { renderDiagnosis } = await import("./render_doctor.ts");
      session.print(renderDiagnosis(diagnosis, hasColour()));
    }
    return diagnosis.canRun ? 0 : 1;
  });
}

async function examineHere(): Promise<Findings> {
  return await (await import("../doctor/examine.ts")).examine();
}
