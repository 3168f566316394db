/** From findings to a verdict. Pure. */

import type { Check } from "./check.ts";
import type { Findings } from "./findings.ts";
import { namespaceChecks } from "./namespace_checks.ts";
import { systemChecks } from "./system_checks.ts";

/** All that is told of a machine. */
export interface Diagnosis {
  /** Whether a container can run at all. */
  readonly canRun: boolean;
  /** One sentence. */
  readonly verdict: string;
  readonly checks: readonly Check[];
}

/** Judges a machine by what was found. */
export function judge(findings: Findings): Diagnosis {
  const checks = [...namespaceChecks(findings), ...systemChecks(findings)];
  const blocking = checks.filter(({ state, required }) => state === "missing" && required);
  const others = checks.filter(({ state }) => state !== "ok").length;
  const who = findings.uid === 0 ? "root" : findings.userName ?? `user ${findings.uid}`;
  if (blocking.length > 0) {
    const names = blocking.map(({ name }) => name).join(", ");
    return { canRun: false, verdict: `Containers of ${who} cannot run here: see ${names}`, checks };
  }
  const rest = others === 0 ? "" : `, with ${others} of ${checks.length} things missing or limited`;
  return { canRun: true, verdict: `Containers of ${who} can run here${rest}`, checks };
}
