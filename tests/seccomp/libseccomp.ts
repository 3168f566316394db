/** Asks libseccomp, by a Python program, for the filters of rule sets. */

import { ABIS, KILL_PROCESS, type Rule, type RuleSet } from "../../src/security/seccomp_rule.ts";
import { type Abi, syscallNumbers } from "../../src/security/syscall_numbers.ts";

/** Debian's own Python: the binding is a compiled module of its version. */
export const PYTHON = "/usr/bin/python3";

/** What libseccomp makes of a rule set: a filter, or words why not. */
export type Made = { readonly filter: Uint8Array } | { readonly error: string };

/** libseccomp's numbers, by ABI and name; negative where an ABI has no such call, -1 where nobody has. */
export type Numbers = Readonly<Record<Abi, Readonly<Record<string, number>>>>;

const ALL = Object.keys(ABIS) as Abi[];

function ask(names: readonly string[], sets: readonly RuleSet[]): { numbers: Numbers; sets: unknown[] } {
  const request = JSON.stringify({
    names,
    abis: ALL,
    sets: sets.map(({ abis, defaultAction, rules }) => ({
      abis,
      defaultAction,
      badArch: KILL_PROCESS,
      rules: rules.map(({ names, action, conditions }) => ({
        names,
        action,
        conditions: conditions.map((each) => [each.index, each.op, `${each.value}`, `${each.valueTwo}`]),
      })),
    })),
  });
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/request`, request);
    const program = new URL("libseccomp.py", import.meta.url).pathname;
    const { success, stdout, stderr } = new Deno.Command("/bin/sh", {
      args: ["-c", `exec ${PYTHON} "$0" <"$1"`, program, `${folder}/request`],
    }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Makes filters of rule sets. */
export function makeFilters(sets: readonly RuleSet[]): Made[] {
  return (ask([], sets).sets as ({ filter: string } | { error: string })[]).map((made) =>
    "error" in made ? made : { filter: Uint8Array.fromBase64(made.filter) }
  );
}

/** Gives libseccomp's numbers of some calls. */
export function readNumbers(names: readonly string[]): Numbers {
  return ask(names, []).numbers;
}

/** Names that this version of libseccomp knows, with the numbers that we have. */
export function listShared(): ReadonlySet<string> {
  const names = [...new Set(ALL.flatMap((abi) => [...syscallNumbers(abi).keys()]))];
  const numbers = readNumbers(names);
  return new Set(names.filter((name) =>
    ALL.every((abi) => {
      const theirs = numbers[abi][name] ?? -1;
      const ours = syscallNumbers(abi).get(name);
      // On 32-bit x86 libseccomp answers with the call that stands for this one.
      return theirs !== -1 && (abi === "i386" || (ours ?? -2) === Math.max(theirs, -2));
    })
  ));
}

/**
 * Does to rules what runc does before it hands them to libseccomp: leaves out what is unknown to this version of it, and
 * what is the default action anyhow; makes a rule of each condition where two are about one argument.
 */
export function keepShared(ruleSet: RuleSet, shared: ReadonlySet<string>): RuleSet {
  const rules = ruleSet.rules.filter(({ action }) => action !== ruleSet.defaultAction)
    .map((rule): Rule => ({ ...rule, names: rule.names.filter((name) => shared.has(name)) }))
    .filter(({ names }) => names.length > 0)
    .flatMap((rule): Rule[] => {
      const indexes = new Set(rule.conditions.map(({ index }) => index));
      const isSplit = indexes.size < rule.conditions.length;
      return isSplit ? rule.conditions.map((each) => ({ ...rule, conditions: [each] })) : [rule];
    });
  return { ...ruleSet, rules };
}
