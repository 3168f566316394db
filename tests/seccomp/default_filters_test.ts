/** The finished filters are what the compiler makes of the default profile. */

import { deepEqual, equal, ok } from "node:assert/strict";
import type { Arch } from "../../ffi/constants/syscalls.ts";
import { buildSeccomp } from "../../src/security/build_seccomp.ts";
import { compileSeccomp } from "../../src/security/compile_seccomp.ts";
import { DECISIVE_CAPABILITIES, DEFAULT_FILTERS } from "../../src/security/default_filters.ts";
import { OPENERS } from "../../src/security/default_profile.ts";
import { CAPABILITIES, DEFAULT_CAPABILITIES } from "../../src/spec/capabilities.ts";
import { assertGolden } from "../golden/assert_golden.ts";

const MACHINES = ["x86_64", "aarch64"] as const satisfies readonly Arch[];
/** Then the module that is loaded is the old one. */
const ignore = Deno.env.get("GOLDEN") === "update";

const MODULE = new URL("../../src/security/default_filters.ts", import.meta.url);

function request(arch: Arch, capabilities: readonly string[] = []) {
  return { arch, capabilities, profile: "default", kernelVersion: "6.18.0" } as const;
}

/** Writes the module of finished filters. */
function renderModule(): string {
  const rows = MACHINES.map((arch) => {
    const made = compileSeccomp(request(arch));
    ok(made !== undefined);
    return [
      `  ${arch}: {`,
      `    filter:`,
      `      "${made.filter.toBase64()}",`,
      `    flags: ${JSON.stringify(made.flags)},`,
      `    summary:`,
      `      "${made.summary}",`,
      "  },",
    ].join("\n");
  });
  return `/**
 * The default profile's filters, compiled, for a container without a capability that opens more of it. Pure.
 *
 * Written by \`deno task golden\`; \`tests/seccomp/default_filters_test.ts\` compares it with what the compiler makes.
 */

/** Capabilities with which the default profile allows more. */
export const DECISIVE_CAPABILITIES: readonly string[] = [
${OPENERS.map((each) => `  "${each}",`).join("\n")}
];

/** A finished filter: base64 of \`struct sock_filter[]\`, and what goes with it. */
interface FinishedFilter {
  readonly filter: string;
  readonly flags: readonly string[];
  readonly summary: string;
}

/** By machine; the filter of x86_64 is also for 32-bit x86 and x32, the one of aarch64 for arm. */
export const DEFAULT_FILTERS: Readonly<Record<"x86_64" | "aarch64", FinishedFilter>> = {
${rows.join("\n")}
};
`;
}

Deno.test("default_filters.ts holds what the compiler makes", () => {
  assertGolden(MODULE, renderModule());
});

Deno.test(
  "buildSeccomp() gives the finished filter for the default capabilities, and for none",
  { ignore },
  async () => {
    for (const arch of MACHINES) {
      for (const capabilities of [DEFAULT_CAPABILITIES, []]) {
        const made = await buildSeccomp(request(arch, capabilities));
        deepEqual(made, compileSeccomp(request(arch, capabilities)));
        equal(made?.filter.toBase64(), DEFAULT_FILTERS[arch].filter);
      }
    }
  },
);

for (const capability of CAPABILITIES) {
  const opens = DECISIVE_CAPABILITIES.includes(capability);
  Deno.test(`buildSeccomp() ${opens ? "opens more" : "gives the finished filter"} with ${capability}`, {
    ignore,
  }, async () => {
    const capabilities = [...DEFAULT_CAPABILITIES, capability];
    const made = await buildSeccomp(request("x86_64", capabilities));
    deepEqual(made, compileSeccomp(request("x86_64", capabilities)));
    equal(made?.filter.toBase64() !== DEFAULT_FILTERS.x86_64.filter, opens);
  });
}

Deno.test("buildSeccomp() gives no filter for unconfined", async () => {
  equal(await buildSeccomp({ ...request("x86_64"), profile: "unconfined" }), undefined);
});
