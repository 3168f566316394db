/** What a filter does, in a line: for `--explain` and `--dry-run`. Pure. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { decideCalls } from "./decide_calls.ts";
import { ABIS, type Action, type ActionName, type RuleSet, splitAction } from "./seccomp_rule.ts";
import { type Abi, syscallNumbers } from "./syscall_numbers.ts";

/** Every ABI that there is a table for. */
const ALL_ABIS = Object.keys(ABIS) as Abi[];

/** What stands behind the count of calls. */
const WORDS: Readonly<Record<ActionName, string>> = {
  SCMP_ACT_ALLOW: "allowed",
  SCMP_ACT_ERRNO: "refused with",
  SCMP_ACT_LOG: "logged",
  SCMP_ACT_TRACE: "left to a tracer",
  SCMP_ACT_TRAP: "stopped by SIGSYS",
  SCMP_ACT_KILL: "end their thread",
  SCMP_ACT_KILL_THREAD: "end their thread",
  SCMP_ACT_KILL_PROCESS: "end their process",
  SCMP_ACT_NOTIFY: "left to a listener",
};

/** Most names that are listed as unknown. */
const MOST_NAMES = 4;

/**
 * Counts the calls of the machine's own ABI by what becomes of them: `307 calls allowed, 72 refused with EPERM, 3 by
 * their arguments, 1 refused with ENOSYS`.
 */
export function summarizeRules(ruleSet: RuleSet): string {
  const [own] = ruleSet.abis;
  if (own === undefined) return "no calls";
  const decisions = decideCalls(ruleSet, own);
  const counts = new Map<string, number>();
  for (const number of syscallNumbers(own).values()) {
    const decision = decisions.get(number) ?? ruleSet.defaultAction;
    const words = typeof decision === "number" ? describeAction(decision) : "by their arguments";
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  const parts = [...counts].toSorted(byImportance).map(([words, count]) => `${count} ${words}`);
  return parts.join(", ").replace(" ", " calls ");
}

function byImportance([a, m]: readonly [string, number], [b, n]: readonly [string, number]): number {
  const allowed = WORDS.SCMP_ACT_ALLOW;
  return Number(b === allowed) - Number(a === allowed) || n - m;
}

function describeAction(action: Action): string {
  const { name, data = 0 } = splitAction(action);
  return name === "SCMP_ACT_ERRNO" ? `${WORDS[name]} ${errnoName(data)}` : WORDS[name];
}

/** Tells which names no table has, in words; undefined where there are none. They may be misspelt. */
export function describeUnknownNames({ rules }: RuleSet): string | undefined {
  const known = ALL_ABIS.map(syscallNumbers);
  const names = new Set(rules.flatMap((rule) => rule.names));
  const unknown = [...names].filter((name) => !known.some((numbers) => numbers.has(name)));
  if (unknown.length === 0) return undefined;
  const rest = unknown.length - MOST_NAMES;
  return `unknown here: ${unknown.slice(0, MOST_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
