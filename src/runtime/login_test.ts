/** Tests of login.ts: how registries are written. */

import { equal, throws } from "node:assert/strict";
import { parseRegistry } from "./login.ts";

const NAMES: readonly (readonly [typed: string | undefined, registry: string])[] = [
  [undefined, "docker.io"],
  ["", "docker.io"],
  ["docker.io", "docker.io"],
  ["index.docker.io", "docker.io"],
  ["https://index.docker.io/v1/", "docker.io"],
  ["ghcr.io", "ghcr.io"],
  ["https://ghcr.io", "ghcr.io"],
  ["http://localhost:5000/v2/", "localhost:5000"],
  ["localhost", "localhost"],
  ["localhost:5000", "localhost:5000"],
  ["ghcr.io/", "ghcr.io"],
  ["[::1]:5000", "[::1]:5000"],
];

for (const [typed, registry] of NAMES) {
  Deno.test(`parseRegistry() takes ${typed}`, () => equal(parseRegistry(typed), registry));
}

const WRONG = [
  "registry",
  "ghcr.io/owner",
  "a b.com",
  "https://",
  "ftp://a.com",
  "-a.com",
  "a.com:x",
  "a.com:5000:6000",
];

for (const typed of WRONG) {
  Deno.test(`parseRegistry() refuses ${typed}`, () => {
    throws(() => parseRegistry(typed), { code: "usage" });
  });
}
