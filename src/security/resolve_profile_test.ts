import { deepEqual, equal, throws } from "node:assert/strict";
import { parseProfile } from "./parse_profile.ts";
import { resolveProfile, type Surroundings } from "./resolve_profile.ts";

const HERE: Surroundings = {
  arch: "x86_64",
  capabilities: ["CAP_CHOWN", "CAP_KILL"],
  kernelVersion: "6.18.4-amd64",
};

function resolve(content: object, surroundings: Partial<Surroundings> = {}) {
  const text = JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", ...content });
  return resolveProfile(parseProfile(text, { name: "p.json", dialect: "docker" }), {
    ...HERE,
    ...surroundings,
  });
}

const CIRCUMSTANCES = [
  { includes: {}, counts: true },
  { includes: { caps: ["CAP_CHOWN"] }, counts: true },
  { includes: { caps: ["CAP_CHOWN", "CAP_KILL"] }, counts: true },
  { includes: { caps: ["CAP_CHOWN", "CAP_SYS_ADMIN"] }, counts: false },
  { excludes: { caps: ["CAP_CHOWN", "CAP_SYS_ADMIN"] }, counts: false },
  { excludes: { caps: ["CAP_SYS_ADMIN"] }, counts: true },
  { includes: { arches: ["amd64", "x32"] }, counts: true },
  { includes: { arches: ["x86", "x32"] }, counts: false },
  { excludes: { arches: ["s390x", "amd64"] }, counts: false },
  { excludes: { arches: ["s390x"] }, counts: true },
  { includes: { minKernel: "6.18" }, counts: true },
  { includes: { minKernel: "6.19" }, counts: false },
  { includes: { minKernel: "5.99" }, counts: true },
  { includes: { minKernel: "7.0" }, counts: false },
  { excludes: { minKernel: "4.8" }, counts: false },
  { excludes: { minKernel: "7.0" }, counts: true },
  { includes: { caps: ["CAP_CHOWN"] }, excludes: { minKernel: "4.8" }, counts: false },
] as const;

for (const { counts, ...circumstances } of CIRCUMSTANCES) {
  Deno.test(`resolveProfile(): a rule with ${JSON.stringify(circumstances)} ${counts ? "counts" : "does not count"}`, () => {
    const rule = { names: ["read"], action: "SCMP_ACT_ALLOW", ...circumstances };
    equal(resolve({ syscalls: [rule] }).rules.length, counts ? 1 : 0);
  });
}

const ARCHITECTURES = [
  { content: {}, abis: ["x86_64"] },
  { content: { architectures: ["SCMP_ARCH_X86"] }, abis: ["x86_64", "i386"] },
  { content: { architectures: ["SCMP_ARCH_X32", "SCMP_ARCH_X86_64"] }, abis: ["x86_64", "x32"] },
  { content: { architectures: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"] }, abis: ["x86_64"] },
  {
    content: {
      archMap: [{
        architecture: "SCMP_ARCH_X86_64",
        subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      }],
    },
    abis: ["x86_64", "i386", "x32"],
  },
  {
    content: { archMap: [{ architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_X86"] }] },
    abis: ["x86_64"],
  },
] as const;

for (const { content, abis } of ARCHITECTURES) {
  Deno.test(`resolveProfile() is for ${abis.join(", ")} with ${JSON.stringify(content)}`, () => {
    deepEqual(resolve(content).abis, abis);
  });
}

const FLAGS = [
  { content: {}, flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"] },
  { content: { flags: [] }, flags: [] },
  {
    content: { flags: ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"] },
    flags: ["SECCOMP_FILTER_FLAG_LOG"],
  },
] as const;

for (const { content, flags } of FLAGS) {
  Deno.test(`resolveProfile() sets ${flags.join(", ") || "no flag"} with ${JSON.stringify(content)}`, () => {
    deepEqual(resolve(content).flags, flags);
  });
}

const NOTIFY = { names: ["mount"], action: "SCMP_ACT_NOTIFY" };

const LISTENERS = [
  {
    content: { syscalls: [NOTIFY] },
    says: 'Cannot use syscalls[0] of seccomp profile "p.json": SCMP_ACT_NOTIFY',
  },
  {
    content: { defaultAction: "SCMP_ACT_NOTIFY" },
    says: 'Cannot use the default action of seccomp profile "p.json": SCMP_ACT_NOTIFY',
  },
  {
    content: { flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] },
    says: 'Cannot use seccomp profile "p.json": SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
  },
] as const;

for (const { content, says } of LISTENERS) {
  Deno.test(`resolveProfile() has no listener for ${JSON.stringify(content)}`, () => {
    throws(() => resolve(content), { code: "unsupported", message: `${says} needs a listener` });
  });
}

Deno.test("resolveProfile() does not mind a listener's rule that does not count", () => {
  equal(resolve({ syscalls: [{ ...NOTIFY, includes: { caps: ["CAP_SYS_ADMIN"] } }] }).rules.length, 0);
});

Deno.test("resolveProfile() needs a release that begins with two numbers", () => {
  throws(() => resolve({}, { kernelVersion: "six" }), { code: "unsupported" });
});
