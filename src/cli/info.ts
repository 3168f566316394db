/** `myctr info`: tells which myctr this is, what it runs on and what it keeps. */

import type { Info } from "../doctor/read_info.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { dockerInfo } from "./docker_names.ts";
import { parseFormatOfOne, TEMPLATE_OPTION } from "./output_format.ts";
import { renderInfo } from "./render_info.ts";
import { VERSION } from "./version_number.ts";

const INFO = {
  path: "myctr info",
  description: "Tell what myctr runs on and what it keeps",
  options: [TEMPLATE_OPTION, HELP_OPTION],
  operands: [],
  examples: ["myctr info", "myctr info --format json", "myctr info -f {{.NCPU}}"],
} as const satisfies Declaration;

/** Makes the command; `read` is another one in tests. */
export function infoCommand(read: () => Promise<Info> = readHere): Runnable {
  return runnable(INFO, async ({ options: { format } }, session) => {
    const render = await parseFormatOfOne(format);
    const info = { version: VERSION, ...await read() };
    const text = render({
      text: () => renderInfo(info),
      json: () => info,
      data: () => ({ ...info, ...dockerInfo(info) }),
    });
    session.print(text);
    return 0;
  });
}

async function readHere(): Promise<Info> {
  return (await import("../doctor/read_info.ts")).readInfo();
}
