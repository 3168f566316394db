/** `myctr info`: tells which myctr this is, what it runs on and what it keeps. */

import type { Info } from "../doctor/read_info.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { FORMAT_OPTION, renderJson } from "./output_format.ts";
import { renderInfo } from "./render_info.ts";
import { VERSION } from "./version_number.ts";

const INFO = {
  path: "myctr info",
  description: "Tell what myctr runs on and what it keeps",
  options: [FORMAT_OPTION, HELP_OPTION],
  operands: [],
  examples: ["myctr info", "myctr info --format json"],
} as const satisfies Declaration;

/** Makes the command; `read` is another one in tests. */
export function infoCommand(read: () => Promise<Info> = readHere): Runnable {
  return runnable(INFO, async ({ options: { format } }, session) => {
    const info = { version: VERSION, ...await read() };
    session.print(format === "json" ? renderJson(info) : renderInfo(info));
    return 0;
  });
}

async function readHere(): Promise<Info> {
  return (await import("../doctor/read_info.ts")).readInfo();
}
