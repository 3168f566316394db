import { deepEqual, equal, throws } from "node:assert/strict";
import { Dice } from "../../tests/seccomp/random_rules.ts";
import { CtrError } from "../errors.ts";
import { type Dialect, parseProfile } from "./parse_profile.ts";
import { ACTIONS, ALLOW, errnoAction } from "./seccomp_rule.ts";

function parse(content: unknown, dialect: Dialect = "docker") {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return parseProfile(text, { name: "p.json", dialect });
}

/** A profile with one rule. */
function withRule(rule: object): object {
  return { defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] };
}

const RULE = { names: ["read"], action: "SCMP_ACT_ALLOW" };

function withCondition(condition: object): object {
  return withRule({ ...RULE, args: [condition] });
}

const CONDITION = { index: 0, value: 1, op: "SCMP_CMP_EQ" };

const BAD: readonly { readonly content: unknown; readonly says: RegExp; readonly dialect?: Dialect }[] = [
  { content: "", says: /^Cannot read seccomp profile "p.json": / },
  { content: '{"defaultAction": }', says: /Cannot read seccomp profile "p.json": .*Unexpected token/ },
  { content: "[]", says: /its content is \[\]/ },
  { content: {}, says: /defaultAction is missing/ },
  { content: { defaultAction: "SCMP_ACT_DENY" }, says: /defaultAction is "SCMP_ACT_DENY"/ },
  { content: { defaultAction: 1 }, says: /defaultAction is 1/ },
  { content: { defaultAction: "SCMP_ACT_ALLOW", sysCalls: [] }, says: /unknown key "sysCalls"/ },
  { content: { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1 }, says: /stands beside SCMP_ACT_ALLOW/ },
  { content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 4096 }, says: /defaultErrnoRet is 4096/ },
  { content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: -1 }, says: /defaultErrnoRet is -1/ },
  { content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrno: "ENOSY" }, says: /defaultErrno is "ENOSY"/ },
  {
    content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrno: "ENOSYS", defaultErrnoRet: 1 },
    says: /defaultErrnoRet is 1, which is not ENOSYS/,
  },
  { content: { defaultAction: "SCMP_ACT_ERRNO", flags: ["LOG"] }, says: /flags\[0\] is "LOG"/ },
  {
    content: { defaultAction: "SCMP_ACT_ERRNO", architectures: ["x86"] },
    says: /architectures\[0\] is "x86"/,
  },
  { content: { defaultAction: "SCMP_ACT_ERRNO", architectures: "all" }, says: /architectures is "all"/ },
  {
    content: { defaultAction: "SCMP_ACT_ERRNO", archMap: [{ architecture: "SCMP_ARCH_Z" }] },
    says: /archMap\[0\]\.architecture is "SCMP_ARCH_Z"/,
  },
  {
    content: {
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_ARM"],
      archMap: [{ architecture: "SCMP_ARCH_ARM" }],
    },
    says: /both "architectures" and "archMap"/,
  },
  { content: { defaultAction: "SCMP_ACT_ERRNO", syscalls: {} }, says: /syscalls is {}/ },
  { content: { defaultAction: "SCMP_ACT_ERRNO", syscalls: [null] }, says: /syscalls\[0\] is null/ },
  { content: withRule({ ...RULE, arguments: [] }), says: /syscalls\[0\] has the unknown key "arguments"/ },
  { content: withRule({ action: "SCMP_ACT_ALLOW" }), says: /syscalls\[0\]\.names is missing/ },
  { content: withRule({ ...RULE, names: [] }), says: /syscalls\[0\]\.names is missing/ },
  { content: withRule({ ...RULE, names: [""] }), says: /syscalls\[0\]\.names\[0\] is empty/ },
  { content: withRule({ ...RULE, names: [7] }), says: /syscalls\[0\]\.names\[0\] is 7/ },
  { content: withRule({ ...RULE, name: "write" }), says: /syscalls\[0\] has both "name" and "names"/ },
  { content: withRule({ names: ["read"] }), says: /syscalls\[0\]\.action is missing/ },
  {
    content: withRule({ ...RULE, errnoRet: 1 }),
    says: /syscalls\[0\]\.errnoRet stands beside SCMP_ACT_ALLOW/,
  },
  { content: withCondition({ ...CONDITION, index: 6 }), says: /syscalls\[0\]\.args\[0\]\.index is 6/ },
  { content: withCondition({ ...CONDITION, op: "SCMP_CMP_XX" }), says: /args\[0\]\.op is "SCMP_CMP_XX"/ },
  { content: withCondition({ ...CONDITION, value: "1" }), says: /args\[0\]\.value is "1"/ },
  { content: withCondition({ ...CONDITION, value: 1.5 }), says: /args\[0\]\.value is 1\.5/ },
  { content: withCondition({ index: 0, op: "SCMP_CMP_EQ" }), says: /args\[0\]\.value is missing/ },
  { content: withCondition({ ...CONDITION, value2: 1 }), says: /args\[0\] has the unknown key "value2"/ },
  { content: withRule({ ...RULE, includes: { cap: [] } }), says: /includes has the unknown key "cap"/ },
  {
    content: withRule({ ...RULE, includes: { caps: ["SYS_ADMIN"] } }),
    says: /includes\.caps\[0\] is "SYS_ADMIN"/,
  },
  { content: withRule({ ...RULE, excludes: { arches: ["x86_64"] } }), says: /arches\[0\] is "x86_64"/ },
  { content: withRule({ ...RULE, excludes: { minKernel: "4" } }), says: /minKernel is "4"/ },
  { content: withRule({ ...RULE, comment: "" }), says: /unknown key "comment"/, dialect: "oci" },
  { content: withRule({ ...RULE, includes: {} }), says: /unknown key "includes"/, dialect: "oci" },
  {
    content: { defaultAction: "SCMP_ACT_ERRNO", archMap: [] },
    says: /unknown key "archMap"/,
    dialect: "oci",
  },
  {
    content: `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
      "args":[{"index":0,"op":"SCMP_CMP_EQ","value":18446744073709551616}]}]}`,
    says: /args\[0\]\.value is 18446744073709551616/,
  },
];

for (const { content, says, dialect = "docker" } of BAD) {
  Deno.test(`parseProfile() of ${dialect} refuses ${JSON.stringify(content).slice(0, 90)}: ${says}`, () => {
    throws(() => parse(content, dialect), (error: { code?: string; message: string; hint?: string }) => {
      equal(error.code, "usage");
      equal(says.test(error.message), true, error.message);
      equal(/^Cannot (use|read) seccomp profile "p\.json": /.test(error.message), true, error.message);
      equal((error.hint ?? "").length > 5, true);
      return true;
    });
  });
}

Deno.test("parseProfile() hints at the word that was meant", () => {
  throws(() => parse({ defaultAction: "SCMP_ACT_ERNO" }), { hint: 'Did you mean "SCMP_ACT_ERRNO"?' });
  throws(() => parse(withRule({ ...RULE, arg: [] })), { hint: 'Did you mean "args"?' });
});

Deno.test("parseProfile() reads all of a rule", () => {
  const parsed = parse(withRule({
    names: ["read", "not_known_here"],
    action: "SCMP_ACT_TRACE",
    errnoRet: 60000,
    comment: "a comment",
    args: [{ index: 5, value: 7, valueTwo: 3, op: "SCMP_CMP_MASKED_EQ" }, {
      index: 1,
      value: 2,
      op: "SCMP_CMP_LT",
    }],
    includes: { caps: ["CAP_CHOWN"], arches: ["amd64"], minKernel: "4.8" },
    excludes: { caps: [], minKernel: "" },
  }));
  deepEqual(parsed.rules, [{
    names: ["read", "not_known_here"],
    action: ACTIONS.SCMP_ACT_TRACE | 60000,
    conditions: [
      { index: 5, op: "SCMP_CMP_MASKED_EQ", value: 7n, valueTwo: 3n },
      { index: 1, op: "SCMP_CMP_LT", value: 2n, valueTwo: 0n },
    ],
    where: 'syscalls[0] of seccomp profile "p.json"',
    includes: { caps: ["CAP_CHOWN"], arches: ["amd64"], minKernel: [4, 8] },
    excludes: { caps: [], arches: [], minKernel: undefined },
  }]);
});

Deno.test("parseProfile() keeps 64 bits", () => {
  const text = JSON.stringify(withCondition({ ...CONDITION, value: 0 })).replace(
    '"value":0',
    '"value":18446744073709551615',
  );
  equal(parse(text).rules[0]?.conditions[0]?.value, 0xffff_ffff_ffff_ffffn);
});

const NUMBERS = [
  { content: { defaultAction: "SCMP_ACT_ERRNO" }, action: errnoAction(1) },
  { content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38 }, action: errnoAction(38) },
  { content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrno: "ENOSYS" }, action: errnoAction(38) },
  {
    content: { defaultAction: "SCMP_ACT_ERRNO", defaultErrno: "ENOSYS", defaultErrnoRet: 38 },
    action: errnoAction(38),
  },
  { content: { defaultAction: "SCMP_ACT_TRACE" }, action: ACTIONS.SCMP_ACT_TRACE | 1 },
  { content: { defaultAction: "SCMP_ACT_ALLOW", syscalls: null }, action: ALLOW },
] as const;

for (const { content, action } of NUMBERS) {
  Deno.test(`parseProfile() reads ${JSON.stringify(content)} as 0x${action.toString(16)}`, () => {
    equal(parse(content).defaultAction, action);
  });
}

Deno.test("parseProfile() of a damaged profile gives a profile or an error for the user", () => {
  const sample = Deno.readTextFileSync(
    new URL("../../tests/seccomp/profiles/docker_format.json", import.meta.url),
  );
  const dice = new Dice(7);
  const damage = ['"', "{", "}", "[", "]", ",", ":", "0", "-1", "1e999", "null", "true", '""', "\\u0000"];
  let refusedCount = 0;
  for (let round = 0; round < 500; round++) {
    const at = dice.roll(sample.length);
    const text = sample.slice(0, at) + dice.pick(damage) + sample.slice(at + dice.roll(20));
    try {
      parse(text, dice.pick(["docker", "oci"]));
    } catch (error) {
      if (!(error instanceof CtrError) || error.code !== "usage") throw new Error(text, { cause: error });
      refusedCount++;
    }
  }
  equal(refusedCount > 400, true);
});
