/** Plans that show what there is: made for this machine and this user, as `--dry-run` makes them. */

import type { Plan } from "../plan/operation.ts";
import { buildExecPlan } from "../plan/exec_plan.ts";
import { prepare, type Prepared } from "../runtime/prepare.ts";
import { buildExecSpec } from "../spec/exec_spec.ts";
import type { RunRequest } from "../spec/request.ts";
import { EXEC_DEFAULTS } from "../spec/exec_spec.ts";
import { runCommand } from "./run.ts";

/** Between them they have every kind of root, of mount and of network. Nothing of it is done. */
const SAMPLES = [
  ["-i", "--init", "--hostname", "box", "--tmpfs", "/cache", "-v", "/usr:/data:ro", "host", "true"],
  ["--rootfs", "/usr:O", "--read-only", "--cap-add", "NET_RAW", "true"],
  ["--rootfs", "/usr:O", "--rootfs-tmpfs", "--network", "host", "-u", "1", "true"],
  ["--rootfs", "/usr", "true"],
  ["--privileged", "host", "true"],
  ["-it", "host", "true"],
] as const;

/** Makes the plans of all samples, and that of a command in a container of the first. */
export async function samplePlans(): Promise<readonly Plan[]> {
  return [...await Promise.all(SAMPLES.map(planOf)), await execPlan()];
}

/** As `exec -i` would do it, if that container ran. */
async function execPlan(): Promise<Plan> {
  const { id, spec, host } = await prepared(SAMPLES[0]);
  const request = {
    ...EXEC_DEFAULTS,
    env: [],
    envFiles: [],
    container: id,
    command: ["true"],
    interactive: true,
  };
  const joined = buildExecSpec(spec, request, { callerEnv: {}, envFiles: [] });
  const joins = spec.linux.namespaces.map(({ type }) => type);
  return withoutId(buildExecPlan(joined, { ...host, joins }), id);
}

/** Makes the plan of a command line of `myctr run`; does nothing of it. */
export async function planOf(argv: readonly string[]): Promise<Plan> {
  const { id, plan } = await prepared(argv);
  return withoutId(plan, id);
}

async function prepared(argv: readonly string[]): Promise<Prepared> {
  let request: RunRequest | undefined;
  const command = runCommand((asked) => {
    request = asked;
    return Promise.resolve(0);
  });
  await command.run(argv, { isDebug: false, print: () => {}, warn: () => {} });
  return await prepare(request!);
}

/** Each plan is made for a container of its own: with its id, no two would have the same steps. */
function withoutId(plan: Plan, id: string): Plan {
  const replaced = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(id, "ID").replaceAll(id.slice(0, 12), "ID");
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each)]));
  };
  return replaced(plan) as Plan;
}
