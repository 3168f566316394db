/** Tests of reference.ts: docker's rules for names of images. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { familiarName, fullName, parseReference } from "./reference.ts";

const SHA = `sha256:${"ab".repeat(32)}`;

const NAMES: readonly (readonly [typed: string, full: string, shown: string])[] = [
  ["alpine", "docker.io/library/alpine:latest", "alpine:latest"],
  ["alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"],
  ["me/app", "docker.io/me/app:latest", "me/app:latest"],
  ["docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"],
  ["index.docker.io/me/app:1", "docker.io/me/app:1", "me/app:1"],
  ["localhost/app", "localhost/app:latest", "localhost/app:latest"],
  ["localhost:5000/a/b:x", "localhost:5000/a/b:x", "localhost:5000/a/b:x"],
  ["ghcr.io/o/i", "ghcr.io/o/i:latest", "ghcr.io/o/i:latest"],
  ["[::1]:5000/i", "[::1]:5000/i:latest", "[::1]:5000/i:latest"],
  ["Reg/app", "Reg/app:latest", "Reg/app:latest"],
  [`alpine@${SHA}`, `docker.io/library/alpine@${SHA}`, "alpine:<none>"],
  [`alpine:3@${SHA}`, `docker.io/library/alpine:3@${SHA}`, "alpine:3"],
  ["x/a__b--c.d/e_f", "docker.io/x/a__b--c.d/e_f:latest", "x/a__b--c.d/e_f:latest"],
];

for (const [typed, full, shown] of NAMES) {
  Deno.test(`parseReference() takes ${typed}`, () => {
    const reference = parseReference(typed);
    equal(fullName(reference), full);
    const { name, tag } = familiarName(reference);
    equal(`${name}:${tag}`, shown);
    deepEqual(parseReference(full), reference);
  });
}

const WRONG: readonly (readonly [typed: string, why: RegExp])[] = [
  ["", /no name/],
  ["Alpine", /capitals/],
  ["alpine:", /no tag/],
  ["alpine:-x", /no tag/],
  ["alpine@sha256:12", /digest/],
  ["alpine@md5:12", /digest/],
  ["../etc", /no registry/],
  ["a//b", /no name/],
  ["a..b", /no name/],
  ["reg.io:port/app", /no tag|registry/],
  [`x/${"a".repeat(300)}`, /255/],
];

for (const [typed, why] of WRONG) {
  Deno.test(`parseReference() refuses ${JSON.stringify(typed.slice(0, 30))}`, () => {
    throws(() => parseReference(typed), { code: "usage", message: why });
  });
}
