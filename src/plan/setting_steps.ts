/** Settings that were asked for: of the kernel, of the process, and its limits. Pure. */

import { O, RESOLVE } from "../../ffi/constants/open.ts";
import { RLIM_INFINITY, RLIMIT } from "../../ffi/constants/process.ts";
import { sysctlPath } from "../spec/parse_sysctl.ts";
import { type Rlimit, UNLIMITED } from "../spec/types.ts";
import { type Call, call, slot, type Struct } from "./operation.ts";
import { type PlanBuilder, ROOT } from "./plan_builder.ts";

/** Writes the settings of the container's own namespaces, before /proc/sys is made read-only. */
export function addSysctls(builder: PlanBuilder): void {
  for (const [name, value] of Object.entries(builder.spec.linux.sysctl ?? {})) {
    const path = `proc/sys/${sysctlPath(name)}`;
    const file = builder.name("sysctl");
    const how: Struct = {
      struct: "open_how",
      fields: {
        flags: BigInt(O.O_WRONLY | O.O_CLOEXEC),
        mode: 0n,
        resolve: BigInt(RESOLVE.RESOLVE_IN_ROOT | RESOLVE.RESOLVE_NO_SYMLINKS),
      },
    };
    builder.add({
      label: `set ${name}`,
      shell: `echo '${value.replaceAll("'", "'\\''")}' >${path}`,
      reason: "You asked for this setting; the container has it for itself.",
      man: "sysctl(8)",
    }, [
      call("openat2", [ROOT, path, how, 24], { result: file }),
      call("write", [slot(file), value, new TextEncoder().encode(value).length]),
      call("close", [slot(file)]),
    ]);
  }
}

/** What myctr writes from outside: inside, nobody has the rights that lowering needs. */
export function addOomScore(builder: PlanBuilder): void {
  const score = builder.spec.process.oomScoreAdj;
  if (score === undefined) return;
  builder.act({
    label: "set how soon the kernel kills the container",
    shell: `echo ${score} >/proc/PID/oom_score_adj`,
    reason: "When memory runs out, the kernel kills processes with high scores first.",
    man: "proc_pid_oom_score_adj(5)",
  }, `write ${score} to the oom_score_adj of the container's process`);
}

/** Hard limits above the caller's own: only root outside can raise them, so the monitor does, before the clone. */
export function addRaisedLimits(builder: PlanBuilder): void {
  const raised = builder.spec.process.rlimits.filter(({ type, hard }) =>
    hard > (builder.host.hardLimits?.[type] ?? UNLIMITED)
  );
  if (raised.length === 0) return;
  builder.add({
    label: `set higher limits on ${namesOf(raised)}`,
    shell: raised.map((limit) => `prlimit --pid $$ --${nameOf(limit)}=${limitText(limit.hard)}`).join("; "),
    reason: "Only root of the machine may raise a limit, and what it starts inherits it.",
    man: "prlimit(2)",
  }, raised.map(({ type, hard }) => limitCall(type, { soft: hard, hard })));
}

/** The last thing before the command: with few open files allowed, the start itself could not go on. */
export function addLimits(builder: PlanBuilder): void {
  const { rlimits } = builder.spec.process;
  if (rlimits.length === 0) return;
  builder.add({
    label: `set limits on ${namesOf(rlimits)}`,
    shell: rlimits.map((limit) =>
      `prlimit --pid $$ --${nameOf(limit)}=${limitText(limit.soft)}:${limitText(limit.hard)}`
    ).join("; "),
    reason: "You asked for these limits; what the command starts inherits them.",
    man: "prlimit(2)",
  }, rlimits.map(({ type, soft, hard }) => limitCall(type, { soft, hard })));
}

function limitCall(type: string, { soft, hard }: { soft: number; hard: number }): Call {
  const fields = { rlim_cur: limitWord(soft), rlim_max: limitWord(hard) };
  return call("prlimit64", [0, RLIMIT[type as keyof typeof RLIMIT], { struct: "rlimit64", fields }, null]);
}

function limitWord(limit: number): bigint {
  return limit >= UNLIMITED ? RLIM_INFINITY : BigInt(limit);
}

function limitText(limit: number): string {
  return limit >= UNLIMITED ? "unlimited" : String(limit);
}

function nameOf({ type }: Rlimit): string {
  return type.slice("RLIMIT_".length).toLowerCase();
}

function namesOf(limits: readonly Rlimit[]): string {
  return limits.map(nameOf).join(", ");
}
