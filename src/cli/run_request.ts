/** Makes the request of `myctr run` out of what was typed. Pure. */

import { joinSecurityOptions } from "../spec/parse_security_opt.ts";
import type { RunRequest } from "../spec/request.ts";
import type { Call } from "./declaration.ts";
import type { RUN } from "./run_options.ts";

/** Flags that were not given. */
const DEFAULTS = {
  rootfsTmpfs: false,
  remove: false,
  interactive: false,
  init: false,
  readOnly: false,
  network: "none",
  privileged: false,
  dryRun: false,
  explain: false,
} as const satisfies Partial<RunRequest>;

/** Makes the request: options carry the names of its fields. */
export function toRunRequest({ operands, options }: Call<typeof RUN>): RunRequest {
  const { securityOptions, ...rest } = options;
  const labels = Object.fromEntries(options.labels.map(({ key, value }) => [key, value]));
  const request = { ...DEFAULTS, ...rest, ...joinSecurityOptions(securityOptions), labels };
  if (options.rootfs === undefined) return { ...request, ...operands };
  const { image, command } = operands;
  return { ...request, command: image === undefined ? [] : [image, ...command] };
}
