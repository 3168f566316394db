/** Our filters decide as libseccomp's do, for every number of a call and for arguments around those of the rules. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { CtrError } from "../../src/errors.ts";
import { compileFilter } from "../../src/security/compile_filter.ts";
import { defaultRules, OPENERS } from "../../src/security/default_profile.ts";
import { parseProfile } from "../../src/security/parse_profile.ts";
import { resolveProfile } from "../../src/security/resolve_profile.ts";
import { ABIS, ALLOW, NEWER, OPERATORS, type RuleSet } from "../../src/security/seccomp_rule.ts";
import type { Abi } from "../../src/security/syscall_numbers.ts";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { keepShared, listShared, makeFilters } from "./libseccomp.ts";
import { type AbiCall, isNewer } from "./model.ts";
import { ACTIONS, Dice, type Kind, LARGE, makeCalls, makeRules, SMALL } from "./random_rules.ts";
import { Simulator } from "./simulator.ts";

/** Arguments that the rules of the default profile and of the samples are about, and their neighbours. */
const VALUES = [
  ...[0n, 1n, 2n, 8n, 9n, 10n, 15n, 16n, 17n, 37n, 38n, 39n, 40n, 41n, 63n, 64n, 0x1234n, 0x20000n, 0x20008n],
  ...[0x40000n, 0x1000_0000n, 0x5401n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0010n],
  ...[0x1_0000_0026n, 0xffff_ffff_ffff_fff0n, 0xffff_ffff_ffff_ffffn],
];

/** Every number up to 600, arm's own, and one that is far beyond. */
function listNumbers(abi: Abi): number[] {
  const base = abi === "x32" ? 0x4000_0000 : 0;
  const plain = Array.from({ length: 601 }, (_, index) => base + index);
  const own = abi === "arm" ? Array.from({ length: 16 }, (_, index) => 0x0f_0000 + index) : [];
  return [...plain, ...own, base + 5000];
}

function* listCalls(abis: readonly Abi[]): Generator<AbiCall> {
  for (const abi of abis) {
    for (const number of listNumbers(abi)) {
      for (const first of VALUES) {
        for (const others of [0n, 1n, 9n]) {
          yield { abi, number, auditArch: ABIS[abi].auditArch, args: [first, others, others, first] };
        }
      }
    }
  }
}

interface Comparison {
  readonly ruleSet: RuleSet;
  readonly theirs: Uint8Array;
  readonly calls: Iterable<AbiCall>;
}

function listDifferences({ ruleSet, theirs, calls }: Comparison): string[] {
  const [our, their] = [new Simulator(compileFilter(ruleSet)), new Simulator(theirs)];
  const newer = new Map<string, boolean>();
  const found: string[] = [];
  for (const call of calls) {
    const { abi, number, args } = call;
    const key = `${abi} ${number}`;
    const isBeyond = newer.get(key) ?? isNewer(ruleSet, call);
    newer.set(key, isBeyond);
    // libseccomp knows no such thing: it is runc that adds it.
    const [got, wanted] = [our.run(call), isBeyond ? NEWER : their.run(call)];
    if (got !== wanted && found.length < 5) {
      found.push(`${abi} ${number} ${args.join(" ")}: ${got.toString(16)}, not ${wanted.toString(16)}`);
    }
  }
  return found;
}

function sample(name: string, dialect: "docker" | "oci", arch: "x86_64" | "aarch64" = "x86_64"): RuleSet {
  const text = Deno.readTextFileSync(new URL(`profiles/${name}`, import.meta.url));
  return resolveProfile(parseProfile(text, { name, dialect }), {
    arch,
    capabilities: ["CAP_CHOWN", "CAP_SYS_CHROOT"],
    kernelVersion: "6.18.0",
  });
}

const PODMAN = "/usr/share/containers/seccomp.json";

const SETS: readonly { readonly name: string; readonly make: () => RuleSet; readonly file?: string }[] = [
  { name: "the default profile on x86_64", make: () => defaultRules("x86_64", []) },
  { name: "the default profile on aarch64", make: () => defaultRules("aarch64", []) },
  { name: "the default profile with all capabilities", make: () => defaultRules("x86_64", OPENERS) },
  ...["CAP_AUDIT_WRITE", "CAP_SYS_ADMIN"].map((capability) => ({
    name: `the default profile with ${capability}`,
    make: () => defaultRules("x86_64", [capability]),
  })),
  { name: "docker's format", make: () => sample("docker_format.json", "docker") },
  { name: "docker's format on aarch64", make: () => sample("docker_format.json", "docker", "aarch64") },
  { name: "the OCI format", make: () => sample("oci_format.json", "oci") },
  { name: "a profile that allows by default", make: () => sample("allow_by_default.json", "oci") },
  {
    name: "podman's own profile",
    file: PODMAN,
    make: () =>
      resolveProfile(parseProfile(Deno.readTextFileSync(PODMAN), { name: PODMAN, dialect: "docker" }), {
        arch: "x86_64",
        capabilities: [],
        kernelVersion: "6.18.0",
      }),
  },
];

for (
  const { name, make, file } of SETS.filter(({ file }) => file === undefined || readIfThere(file) !== "")
) {
  Deno.test({
    ...requires(`libseccomp decides like us: ${name}${file === undefined ? "" : `, ${file}`}`, "libseccomp"),
    fn() {
      const ruleSet = keepShared(make(), listShared());
      ok(ruleSet.rules.length > 2);
      const [made] = makeFilters([ruleSet]);
      ok(made !== undefined && "filter" in made, JSON.stringify(made));
      deepEqual(listDifferences({ ruleSet, theirs: made.filter, calls: listCalls(ruleSet.abis) }), []);
    },
  });
}

const EQUALITY = ["SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"] as const;
const LOWER_BOUNDS = ["SCMP_CMP_GE", "SCMP_CMP_GT"] as const;

const BASE: Kind = {
  abis: ["x86_64", "i386", "x32"],
  names: ["ioctl", "clone", "socket", "shutdown", "prctl"],
  operators: OPERATORS,
  values: SMALL,
  mostConditions: 1,
  actions: [ALLOW],
  mostRules: 8,
};

/**
 * Where libseccomp's own answers depend on nothing but the rules. Elsewhere versions up to 2.6 err: several upper bounds
 * or several NE on 64-bit values, and several conditions with a bound or NE among them.
 */
const KINDS: readonly { readonly name: string; readonly kind: Kind }[] = [
  { name: "one condition, all operators, one action", kind: BASE },
  {
    name: "one condition, all operators but NE, several actions",
    kind: { ...BASE, operators: OPERATORS.filter((op) => op !== "SCMP_CMP_NE"), actions: ACTIONS },
  },
  {
    name: "one condition, 64 bits, equality and lower bounds, several actions",
    kind: { ...BASE, operators: ["SCMP_CMP_EQ", ...LOWER_BOUNDS], values: LARGE, actions: ACTIONS },
  },
  {
    name: "one condition, 64 bits, NE and equality, one action",
    kind: { ...BASE, operators: ["SCMP_CMP_NE", ...EQUALITY], values: LARGE },
  },
  {
    name: "several conditions, 64 bits, equality, several actions",
    kind: { ...BASE, operators: EQUALITY, values: LARGE, mostConditions: 3, actions: ACTIONS },
  },
  {
    name: "aarch64 and arm, several conditions, 64 bits, equality, several actions",
    kind: {
      ...BASE,
      abis: ["aarch64", "arm"],
      operators: EQUALITY,
      values: LARGE,
      mostConditions: 3,
      actions: ACTIONS,
    },
  },
];

const SETS_OF_A_KIND = 150;
const CALLS_OF_A_SET = 300;

function compile(ruleSet: RuleSet): boolean {
  try {
    return compileFilter(ruleSet).length > 0;
  } catch (error) {
    if (error instanceof CtrError && error.code === "usage") return false;
    throw error;
  }
}

for (const [seed, { name, kind }] of KINDS.entries()) {
  Deno.test({
    ...requires(`libseccomp decides like us: random rules, ${name}`, "libseccomp"),
    fn() {
      const dice = new Dice(seed);
      const sets = Array.from({ length: SETS_OF_A_KIND }, () => makeRules(dice, kind));
      let comparedCount = 0;
      for (const [index, made] of makeFilters(sets).entries()) {
        const ruleSet = sets[index];
        if (ruleSet === undefined) break;
        // Both refuse the same contradictions.
        equal(compile(ruleSet), "filter" in made, `set ${index}: ${JSON.stringify(made)}`);
        if (!("filter" in made)) continue;
        const calls = makeCalls(dice, ruleSet, CALLS_OF_A_SET);
        const differences = listDifferences({ ruleSet, theirs: made.filter, calls });
        equal(differences.join("\n"), "", `seed ${seed}, set ${index}: ${differences.join("; ")}`);
        comparedCount++;
      }
      ok(comparedCount > SETS_OF_A_KIND / 2);
    },
  });
}
