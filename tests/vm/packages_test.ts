import { deepEqual, equal, match, throws } from "node:assert/strict";
import { findKernel, parseUris, renderSources } from "./packages.ts";

const TARGETS = "Debian file:/mirror/\nDebian-Security file:/security/\nOther file:/other/\n";

Deno.test("renderSources() takes each release from where this machine takes Debian", () => {
  const text = renderSources(TARGETS, false);
  match(text, /^deb file:\/mirror\/ bullseye main$/m);
  match(text, /^deb file:\/security\/ trixie-security main$/m);
  equal(text.includes("other"), false);
});

Deno.test("renderSources() says what to do where apt has no lists", () => {
  throws(() => renderSources("", false), /apt-get update/);
});

Deno.test("parseUris() takes name and version, and decodes an epoch", () => {
  const line = "'file:/p/libattr1_2.5_amd64.deb' libattr1_1%3a2.5-3_amd64.deb 22 SHA256:00\n";
  deepEqual(parseUris(`Reading...\n${line}`), [{ name: "libattr1", version: "1:2.5-3" }]);
});

const SHOWN = ["6.12.9-1", "6.1.5-2", "6.1.4-1"].map((version) =>
  `Package: linux-image-cloud-amd64\nVersion: ${version}\nDepends: linux-image-${version}-cloud (= ${version})\n`
).join("\n");

Deno.test("findKernel() takes the newest of the line, and does not take 6.12 for 6.1", () => {
  deepEqual(findKernel(SHOWN, "6.1"), { name: "linux-image-6.1.5-2-cloud", version: "6.1.5-2" });
  equal(findKernel(SHOWN, "5.10"), undefined);
});
