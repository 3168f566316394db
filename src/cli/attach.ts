/** `myctr attach`: comes to a container that runs. */

import type { AttachOptions } from "../runtime/attach.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { DETACH_KEYS_OPTION, SIG_PROXY_OPTION } from "./process_options.ts";

/** Stays with a container; gives its exit code. */
export type Attach = (reference: string, options: AttachOptions) => Promise<number>;

const ATTACH = {
  path: "myctr attach",
  description: "Show what a container writes from now on, and type to it",
  options: [
    DETACH_KEYS_OPTION,
    HELP_OPTION,
    { name: "noStdin", long: "--no-stdin", description: "keep what you type to yourself" },
    SIG_PROXY_OPTION,
  ],
  operands: [{ name: "container", isRequired: true, kind: "container" }],
  examples: [
    "myctr attach web                      Its exit code is yours; ctrl-p ctrl-q leaves it running",
    "myctr attach --sig-proxy=false web    ctrl-c ends this command, and not the container",
  ],
} as const satisfies Declaration;

/** Makes the command; `attach` is another one in tests. */
export function attachCommand(attach: Attach = attachToContainer): Runnable {
  return runnable(ATTACH, async ({ operands, options }) => await attach(operands.container, options));
}

async function attachToContainer(reference: string, options: AttachOptions): Promise<number> {
  const { attach } = await import("../runtime/attach.ts");
  return await attach(reference, options);
}
