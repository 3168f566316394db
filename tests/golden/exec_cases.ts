/** The plans of exec that golden files and invariants are about. */

import type { Spec } from "../../src/spec/types.ts";
import { buildExecPlan } from "../../src/plan/exec_plan.ts";
import { buildExecSpec, EXEC_DEFAULTS, type ExecRequest } from "../../src/spec/exec_spec.ts";
import type { HostFacts } from "../../src/host/host_facts.ts";
import type { RunRequest } from "../../src/spec/request.ts";
import { type Caller, FILTERED, planCase, TERMINAL } from "./plan_cases.ts";
import { ReadPlan } from "./plan_reader.ts";

/** `myctr exec c0 true`, as the command line parses it. */
export const EXEC_REQUEST: ExecRequest = {
  ...EXEC_DEFAULTS,
  container: "c0",
  command: ["true"],
  env: [],
  envFiles: [],
};

const DIRECTORY: Partial<RunRequest> = { rootfs: { path: "debian", overlay: false } };

interface ExecCase {
  readonly name: string;
  readonly caller: Caller;
  /** How the container was made. */
  readonly run?: Partial<RunRequest>;
  readonly exec?: Partial<ExecRequest>;
  readonly host?: Partial<HostFacts>;
}

const CASES: readonly ExecCase[] = [
  { name: "exec_rootless", caller: "rootless", host: FILTERED },
  { name: "exec_single_id", caller: "single" },
  { name: "exec_root", caller: "root", host: { ...FILTERED, cgroup: "/sys/fs/cgroup/myctr/c0" } },
  { name: "exec_root_userns_host", caller: "root", run: { userns: "host", pid: "host" } },
  {
    name: "exec_asked",
    caller: "root",
    run: {
      init: true,
      user: "app",
      capAdd: ["CAP_NET_RAW"],
      noNewPrivileges: true,
      apparmorProfile: "docker-default",
      oomScoreAdj: 300,
      umask: 0o077,
      ulimits: [{ type: "RLIMIT_NOFILE", soft: 64, hard: 8192 }],
    },
    exec: {
      command: ["sh", "-c", "id"],
      interactive: true,
      workdir: "/srv",
      env: [{ name: "HOME", value: "/srv" }, { name: "A", value: "1" }],
    },
    host: { hardLimits: { RLIMIT_NOFILE: 4096 } },
  },
  { name: "exec_terminal", caller: "rootless", exec: { tty: true, interactive: true }, host: TERMINAL },
  {
    name: "exec_detached",
    caller: "rootless",
    run: { apparmorProfile: "docker-default", capDrop: ["ALL"] },
    exec: { detach: true, interactive: true, privileged: true, user: "0" },
  },
];

/** The plans, read; each has a golden file of its name. */
export const EXEC_PLANS: readonly ReadPlan[] = CASES.map(({ name, caller, run, exec, host }) => {
  const made = planCase(name, caller, { ...DIRECTORY, ...run });
  const request = { ...EXEC_REQUEST, ...exec };
  const spec: Spec = buildExecSpec(made.spec, request, { callerEnv: {}, envFiles: [] });
  const joins = made.spec.linux.namespaces.map(({ type }) => type);
  const facts = {
    ...made.host,
    kinds: {},
    hostImage: undefined,
    devices: [],
    isAttached: !request.detach,
    events: { path: "/state/events", end: '{"action":"exec_die","id":"c0"}' },
    ...host,
    joins,
  };
  return new ReadPlan({ name, spec, host: facts }, buildExecPlan(spec, facts));
});
