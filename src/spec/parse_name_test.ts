/** Tests of parseName(), parseHostname(), parseDomainname(), parseLabel(), parseAnnotation() and parseRootfs(). */

import { deepEqual, equal, throws } from "node:assert/strict";
import { parseAnnotation, parseDomainname, parseHostname, parseLabel, parseName } from "./parse_name.ts";
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

Deno.test("parseDomainname() takes and rejects what parseHostname() does, in its own words", () => {
  equal(parseDomainname("example.org"), "example.org");
  throws(() => parseDomainname("a_b"), {
    code: "usage",
    message: /domain name "a_b": it is no valid domain/,
  });
});

Deno.test("parseAnnotation() parses as parseLabel() does", () => {
  deepEqual(parseAnnotation("org.example.a=b=c"), { key: "org.example.a", value: "b=c" });
  deepEqual(parseAnnotation("dev.myctrl"), { key: "dev.myctrl", value: "" });
});

for (const text of ["", "=b", "dev.myctr.root=host", "dev.myctr."]) {
  Deno.test(`parseAnnotation() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseAnnotation(text), { code: "usage", message: /^Cannot set annotation / });
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
