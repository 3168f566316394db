import { deepEqual, equal } from "node:assert/strict";
import { compileFilter } from "./compile_filter.ts";
import { defaultRules, OPENERS } from "./default_profile.ts";
import { toOciSeccomp } from "./oci_seccomp.ts";
import { parseProfile } from "./parse_profile.ts";
import { resolveProfile } from "./resolve_profile.ts";
import { ACTIONS, ALLOW, errnoAction, MACHINE_ABIS, type RuleSet } from "./seccomp_rule.ts";

const ALL_KINDS: RuleSet = {
  abis: MACHINE_ABIS.x86_64,
  defaultAction: ACTIONS.SCMP_ACT_TRACE | 5,
  flags: ["SECCOMP_FILTER_FLAG_LOG"],
  rules: [
    { names: ["read", "write"], action: ALLOW, conditions: [], where: "" },
    { names: ["mmap"], action: ACTIONS.SCMP_ACT_KILL, conditions: [], where: "" },
    {
      names: ["ioctl"],
      action: errnoAction(25),
      conditions: [
        { index: 0, op: "SCMP_CMP_MASKED_EQ", value: 0xffff_ffff_ffff_fff0n, valueTwo: 16n },
        { index: 1, op: "SCMP_CMP_GE", value: 1n << 53n, valueTwo: 0n },
      ],
      where: "",
    },
  ],
};

const SETS = [
  { name: "all kinds of rules", arch: "x86_64", rules: ALL_KINDS },
  { name: "the default profile", arch: "x86_64", rules: defaultRules("x86_64", []) },
  { name: "the default profile of aarch64", arch: "aarch64", rules: defaultRules("aarch64", ["CAP_BPF"]) },
  {
    name: "the default profile with all capabilities",
    arch: "x86_64",
    rules: defaultRules("x86_64", OPENERS),
  },
] as const;

for (const { name, arch, rules } of SETS) {
  Deno.test(`toOciSeccomp() of ${name} is read as the same rules again`, () => {
    const text = JSON.stringify(toOciSeccomp(rules));
    const parsed = parseProfile(text, { name: "config.json", dialect: "oci" });
    const again = resolveProfile(parsed, { arch, capabilities: [], kernelVersion: "6.1" });
    equal(compileFilter(again).toHex(), compileFilter(rules).toHex());
    deepEqual(again.flags, rules.flags);
  });
}

Deno.test("toOciSeccomp() writes the specification's words, and large numbers as they are", () => {
  equal(
    JSON.stringify(toOciSeccomp(ALL_KINDS)),
    '{"defaultAction":"SCMP_ACT_TRACE","defaultErrnoRet":5,' +
      '"architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],' +
      '"flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[' +
      '{"names":["read","write"],"action":"SCMP_ACT_ALLOW"},{"names":["mmap"],"action":"SCMP_ACT_KILL_THREAD"},' +
      '{"names":["ioctl"],"action":"SCMP_ACT_ERRNO","errnoRet":25,"args":[' +
      '{"index":0,"value":18446744073709551600,"valueTwo":16,"op":"SCMP_CMP_MASKED_EQ"},' +
      '{"index":1,"value":9007199254740992,"op":"SCMP_CMP_GE"}]}]}',
  );
});
