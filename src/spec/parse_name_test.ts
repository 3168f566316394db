/** Tests of parseName(), parseHostname(), parseLabel() and parseRootfs(). */

import { deepEqual, equal, throws } from "node:assert/strict";
import { parseHostname, parseLabel, parseName } from "./parse_name.ts";
import { parseRootfs } from "./parse_rootfs.ts";

for (const text of ["a", "web-1", "A_b.c", "0", "n".repeat(255)]) {
  Deno.test(`parseName() takes ${text.slice(0, 16)}`, () => {
    equal(parseName(text), text);
  });
}

for (const text of ["", "-a", ".", "_a", "a/b", "a b", "a\n", "ä", "n".repeat(256)]) {
  Deno.test(`parseName() rejects ${JSON.stringify(text.slice(0, 16))}`, () => {
    throws(() => parseName(text), { code: "usage", hint: /letters/ });
  });
}

for (const text of ["box", "web-1.example.org", "A", "1", "h".repeat(64)]) {
  Deno.test(`parseHostname() takes ${text.slice(0, 24)}`, () => {
    equal(parseHostname(text), text);
  });
}

for (
  const text of ["", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "a\nb", "a\n", "ä", "h".repeat(65)]
) {
  Deno.test(`parseHostname() rejects ${JSON.stringify(text.slice(0, 24))}`, () => {
    throws(() => parseHostname(text), { code: "usage", hint: /letters/ });
  });
}

const LABELS = [
  { text: "a=b", want: { key: "a", value: "b" } },
  { text: "a", want: { key: "a", value: "" } },
  { text: "a=b=c", want: { key: "a", value: "b=c" } },
] as const;

for (const { text, want } of LABELS) {
  Deno.test(`parseLabel() parses ${text}`, () => {
    deepEqual(parseLabel(text), want);
  });
}

for (const text of ["", "=b"]) {
  Deno.test(`parseLabel() rejects ${JSON.stringify(text)}: no key`, () => {
    throws(() => parseLabel(text), { code: "usage" });
  });
}

const ROOTS = [
  { text: "dir", want: { path: "dir", overlay: false } },
  { text: "/a/b:O", want: { path: "/a/b", overlay: true } },
  { text: "./a:b/c", want: { path: "./a:b/c", overlay: false } },
  { text: "/a:b:O", want: { path: "/a:b", overlay: true } },
] as const;

for (const { text, want } of ROOTS) {
  Deno.test(`parseRootfs() parses ${text}`, () => {
    deepEqual(parseRootfs(text), want);
  });
}

for (const text of ["", ":O", "a:o", "a:", "a:idmap"]) {
  Deno.test(`parseRootfs() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseRootfs(text), { code: "usage", hint: /DIR:O/ });
  });
}
