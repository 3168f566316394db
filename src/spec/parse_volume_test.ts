/** Tests of parseVolume() and parseTmpfs(). */

import { deepEqual, throws } from "node:assert/strict";
import { parseTmpfs } from "./parse_tmpfs.ts";
import { parseVolume } from "./parse_volume.ts";

const GOOD = [
  { text: "/a:/b", want: ["/a", "/b", "rbind", "rprivate"] },
  { text: "./a:/b/../c/", want: ["./a", "/c", "rbind", "rprivate"] },
  { text: ".:/b", want: [".", "/b", "rbind", "rprivate"] },
  { text: "~/a:/b:ro", want: ["~/a", "/b", "rbind", "rprivate", "ro"] },
  { text: "/a:/b:rw", want: ["/a", "/b", "rbind", "rprivate"] },
  { text: "/a:/b:noexec,ro,rslave,nosuid", want: ["/a", "/b", "rbind", "rslave", "ro", "nosuid", "noexec"] },
  { text: "/a:/b:bind,shared,nodev", want: ["/a", "/b", "bind", "shared", "nodev"] },
  { text: "/a:/b:Z", want: ["/a", "/b", "rbind", "rprivate"] },
] as const;

for (const { text, want: [source, destination, ...options] } of GOOD) {
  Deno.test(`parseVolume() parses ${text}`, () => {
    deepEqual(parseVolume(text), { destination, type: "bind", source, options });
  });
}

for (
  const { text, source, options } of [
    { text: "/b", source: "", options: [] },
    { text: "data:/b", source: "data", options: [] },
    { text: "data:/b:ro,nocopy,z", source: "data", options: ["ro", "nocopy"] },
  ]
) {
  Deno.test(`parseVolume() parses ${text} as a volume`, () => {
    deepEqual(parseVolume(text), { destination: "/b", type: "volume", source, options });
  });
}

const BAD = [
  { text: "", why: "nothing", code: "usage" },
  { text: ":/b", why: "no source", code: "usage" },
  { text: "/a:", why: "no path in the container", code: "usage" },
  { text: "/a:b", why: "relative path in the container", code: "usage" },
  { text: "/a:/", why: "the root", code: "usage" },
  { text: "/a:/b/..", why: "the root by another name", code: "usage" },
  { text: "/a:/b:rx", why: "unknown option", code: "usage" },
  { text: "/a:/b:", why: "empty option", code: "usage" },
  { text: "/a:/b:ro,", why: "empty last option", code: "usage" },
  { text: "/a:/b:ro,rw", why: "both modes", code: "usage" },
  { text: "/a:/b:ro,ro", why: "one mode twice", code: "usage" },
  { text: "/a:/b:slave,shared", why: "two propagations", code: "usage" },
  { text: "/a:/b:U", why: "an option of podman", code: "usage" },
  { text: "/a:/b:ro:rw", why: "four parts", code: "usage" },
  { text: "~bob/a:/b", why: "another's home", code: "usage" },
  { text: "b", why: "a relative path without a source", code: "usage" },
  { text: "da/ta:/b", why: "neither a path nor a name", code: "usage" },
  { text: "data:/b:rbind", why: "an option of directories", code: "usage" },
  { text: "data:/b:ro,rw", why: "both modes of a volume", code: "usage" },
] as const;

for (const { text, why, code } of BAD) {
  Deno.test(`parseVolume() rejects ${JSON.stringify(text)}: ${why}`, () => {
    throws(() => parseVolume(text), { code, message: /^Cannot use volume "/ });
  });
}

Deno.test("parseVolume() suggests the option that was meant", () => {
  throws(() => parseVolume("/a:/b:rshard"), { hint: 'Did you mean "rshared"?' });
});

const TMPFS = [
  { text: "/t", want: ["/t", "rw", "noexec", "nosuid", "nodev"] },
  { text: "/t:ro", want: ["/t", "ro", "noexec", "nosuid", "nodev"] },
  { text: "/t:exec,suid,dev", want: ["/t", "rw"] },
  { text: "/t:size=64m,mode=1777", want: ["/t", "rw", "noexec", "nosuid", "nodev", "size=64m", "mode=1777"] },
  {
    text: "/t:exec,nr_inodes=10k,size=50%",
    want: ["/t", "rw", "nosuid", "nodev", "nr_inodes=10k", "size=50%"],
  },
] as const;

for (const { text, want: [destination, ...options] } of TMPFS) {
  Deno.test(`parseTmpfs() parses ${text}`, () => {
    deepEqual(parseTmpfs(text), { destination, type: "tmpfs", source: "tmpfs", options });
  });
}

const BAD_TMPFS = [
  "",
  "t",
  "/",
  "/t:",
  "/t:sise=1",
  "/t:size",
  "/t:size=",
  "/t:size=x",
  "/t:size=-1",
  "/t:mode=8",
  "/t:mode=01777",
  "/t:uid=1",
  "/t:exec,noexec",
  "/t:size=1,size=2",
  "/t:exec=1",
  "/t:size=1:ro",
  "/t:constructor",
] as const;

for (const text of BAD_TMPFS) {
  Deno.test(`parseTmpfs() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseTmpfs(text), { code: "usage", message: /^Cannot use tmpfs "/ });
  });
}
