/** Tests of parseMount() and splitCsv(). */

import { deepEqual, throws } from "node:assert/strict";
import { parseMount } from "./parse_mount.ts";
import { splitCsv } from "./split_csv.ts";

const BINDS = [
  { text: "type=bind,source=/a,target=/b", want: ["/a", "/b", "rbind", "rprivate"] },
  { text: "type=bind,src=a,dst=/b,ro", want: ["a", "/b", "rbind", "rprivate", "ro"] },
  { text: "destination=/b/,type=bind,src=/a,readonly=1", want: ["/a", "/b", "rbind", "rprivate", "ro"] },
  { text: "type=bind,src=/a,dst=/b,readonly=false", want: ["/a", "/b", "rbind", "rprivate"] },
  { text: "type=bind,src=/a,dst=/b,bind-propagation=rslave", want: ["/a", "/b", "rbind", "rslave"] },
  { text: "type=bind,src=/a,dst=/b,bind-recursive=disabled", want: ["/a", "/b", "bind", "rprivate"] },
  {
    text: "type=bind,src=/a,dst=/b,bind-recursive=readonly,ro",
    want: ["/a", "/b", "rbind", "rprivate", "ro"],
  },
  { text: 'type=bind,"src=/a,""b""",dst=/b', want: ['/a,"b"', "/b", "rbind", "rprivate"] },
  { text: "type=bind,src=/a=b,dst=/b", want: ["/a=b", "/b", "rbind", "rprivate"] },
] as const;

for (const { text, want: [source, destination, ...options] } of BINDS) {
  Deno.test(`parseMount() parses ${text}`, () => {
    deepEqual(parseMount(text), { destination, type: "bind", source, options });
  });
}

const TMPFS = [
  { text: "type=tmpfs,dst=/t", want: ["rw", "noexec", "nosuid", "nodev"] },
  {
    text: "type=tmpfs,dst=/t,tmpfs-size=1g,tmpfs-mode=700,ro",
    want: ["ro", "noexec", "nosuid", "nodev", "size=1g", "mode=700"],
  },
] as const;

for (const { text, want } of TMPFS) {
  Deno.test(`parseMount() parses ${text}`, () => {
    deepEqual(parseMount(text), { destination: "/t", type: "tmpfs", source: "tmpfs", options: want });
  });
}

const BAD = [
  { text: "", why: "an empty key", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,", why: "an empty last key", code: "usage" },
  { text: "type=bind,src=/a", why: "no target", code: "usage" },
  { text: "type=bind,dst=/b", why: "no source", code: "usage" },
  { text: "type=bind,src=,dst=/b", why: "an empty value", code: "usage" },
  { text: "type=bind,src,dst=/b", why: "a key without a value", code: "usage" },
  { text: "type=bind, src=/a,dst=/b", why: "a blank before a key", code: "usage" },
  { text: "type=bind,src= /a,dst=/b", why: "a blank before a value", code: "usage" },
  { text: "type=bind,src=/a,source=/a,dst=/b", why: "a key twice", code: "usage" },
  { text: "type=bind,src=/a,dst=b", why: "a relative target", code: "usage" },
  { text: "type=bind,src=/a,dst=/", why: "the root", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,ro=yes", why: "no boolean", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,colour=red", why: "an unknown key", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,constructor=1", why: "a property of Object", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,tmpfs-size=1", why: "a key of tmpfs", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,bind-propagation=none", why: "an unknown propagation", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,bind-recursive=readonly", why: "readonly is missing", code: "usage" },
  { text: "type=bind,src=/a,dst=/b,bind-recursive=writable", why: "not yet", code: "usage" },
  { text: "type=tmpfs,dst=/t,src=/a", why: "a key of bind", code: "usage" },
  { text: "type=tmpfs,dst=/t,tmpfs-mode=9", why: "no octal digit", code: "usage" },
  { text: 'type=bind,"src=/a,dst=/b', why: "an open quote", code: "usage" },
  { text: "type=bnd,src=/a,dst=/b", why: "an unknown type", code: "usage" },
  { text: "src=/a,dst=/b", why: "a path, and volume is the default type", code: "usage" },
  { text: "type=volume,src=a/b,dst=/b", why: "a volume's name has no slash", code: "usage" },
  { text: "type=volume,src=a,dst=/b,bind-propagation=shared", why: "a key of bind", code: "usage" },
  { text: "src=a,dst=/b,volume-driver=nfs", why: "an unknown driver", code: "usage" },
  { text: "type=image,src=x,dst=/b", why: "a type of later", code: "unsupported" },
] as const;

for (const { text, why, code } of BAD) {
  Deno.test(`parseMount() rejects ${JSON.stringify(text)}: ${why}`, () => {
    throws(() => parseMount(text), { code, message: /^Cannot use / });
  });
}

Deno.test("parseMount() says type=bind where no type is given", () => {
  throws(() => parseMount("src=/a,dst=/b"), { hint: /type=bind/ });
});

const LINES: readonly { text: string; want: readonly string[] | undefined }[] = [
  { text: "", want: [""] },
  { text: "a,b", want: ["a", "b"] },
  { text: "a,,", want: ["a", "", ""] },
  { text: '"a,b",c', want: ["a,b", "c"] },
  { text: '"a""b"', want: ['a"b'] },
  { text: 'a"b', want: undefined },
  { text: '"a"b', want: undefined },
  { text: '"a', want: undefined },
];

for (const { text, want } of LINES) {
  Deno.test(`splitCsv() splits ${JSON.stringify(text)}`, () => {
    deepEqual(splitCsv(text), want);
  });
}

for (
  const { text, source, options } of [
    { text: "src=data,dst=/b", source: "data", options: [] },
    { text: "type=volume,dst=/b,ro", source: "", options: ["ro"] },
    { text: "type=volume,source=a_b.c-1,target=/b,volume-nocopy", source: "a_b.c-1", options: ["nocopy"] },
  ]
) {
  Deno.test(`parseMount() parses ${text}`, () => {
    deepEqual(parseMount(text), { destination: "/b", type: "volume", source, options });
  });
}
