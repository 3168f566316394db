/** Makes the request of `myctr run` out of what was typed. Pure. */

import type { Label } from "../spec/parse_name.ts";
import { joinSecurityOptions } from "../spec/parse_security_opt.ts";
import type { RunRequest } from "../spec/request.ts";
import type { Call } from "./declaration.ts";
import type { RUN } from "./run_options.ts";

/** Flags that were not given. */
const DEFAULTS = {
  rootfsTmpfs: false,
  remove: false,
  detach: false,
  replace: false,
  interactive: false,
  init: false,
  readOnly: false,
  privileged: false,
  dryRun: false,
  explain: false,
} as const satisfies Partial<RunRequest>;

/** Makes the request: options carry the names of its fields. `network` is for who names none. */
export function toRunRequest(
  { operands, options }: Call<typeof RUN>,
  { network }: { readonly network: RunRequest["network"] },
): RunRequest {
  const { securityOptions, ...rest } = options;
  const request = {
    ...DEFAULTS,
    network,
    ...rest,
    ...joinSecurityOptions(securityOptions),
    labels: toRecord(options.labels),
    annotations: toRecord(options.annotations),
  };
  if (options.rootfs === undefined) return { ...request, ...operands };
  const { image, command } = operands;
  return { ...request, command: image === undefined ? [] : [image, ...command] };
}

/** The last one of a key counts. */
function toRecord(labels: readonly Label[]): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map(({ key, value }) => [key, value]));
}
