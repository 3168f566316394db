/** Tests of auth_file.ts: docker's and podman's keys. */

import { deepEqual, throws } from "node:assert/strict";
import { findInFile, helperOf, parseAuthFile } from "./auth_file.ts";

const PATH = "/h/auth.json";

function auth(text: string): { auth: string } {
  return { auth: new TextEncoder().encode(text).toBase64() };
}

function basic(username: string, password: string): unknown {
  return { kind: "basic", username, password };
}

const AUTHS = {
  "my.local/foo/bar/image": auth("image:1"),
  "my.local/foo": auth("foo:2"),
  "my.local": auth("host:3"),
  "https://url.local/v2/": auth("url:4"),
  "https://index.docker.io/v1/": auth("hub:5"),
  "colon.local": auth("name:a:b:"),
  "zeros.local": auth("old:word\0\0"),
  "nothing.local": {},
  "token.local": { ...auth("name:x"), identitytoken: "eyJ" },
  "fields.local": { username: "u", password: "p" },
};

const FOUND: readonly (readonly [registry: string, repository: string, found: unknown])[] = [
  ["my.local", "foo/bar/image", basic("image", "1")],
  ["my.local", "foo/bar/other", basic("foo", "2")],
  ["my.local", "food", basic("host", "3")],
  ["my.local", "", basic("host", "3")],
  ["url.local", "a", basic("url", "4")],
  ["docker.io", "library/alpine", basic("hub", "5")],
  ["registry-1.docker.io", "library/alpine", basic("hub", "5")],
  ["colon.local", "a", basic("name", "a:b:")],
  ["zeros.local", "a", basic("old", "word")],
  ["nothing.local", "a", undefined],
  ["token.local", "a", { kind: "token", identityToken: "eyJ" }],
  ["fields.local", "a", basic("u", "p")],
  ["other.local", "a", undefined],
  ["constructor", "a", undefined],
  ["local", "a", undefined],
];

for (const [registry, repository, found] of FOUND) {
  Deno.test(`findInFile() looks for ${registry}/${repository}`, () => {
    const file = parseAuthFile(JSON.stringify({ auths: AUTHS }), PATH);
    deepEqual(findInFile(file, registry, repository), found);
  });
}

Deno.test("findInFile() prefers podman's name of docker.io, and a namespace of it", () => {
  const auths = { ...AUTHS, "docker.io": auth("own:6"), "docker.io/me": auth("me:7") };
  const file = parseAuthFile(JSON.stringify({ auths }), PATH);
  deepEqual(findInFile(file, "docker.io", "library/alpine"), basic("own", "6"));
  deepEqual(findInFile(file, "docker.io", "me/app"), basic("me", "7"));
});

const DAMAGED: readonly (readonly [why: string, entry: unknown, message: RegExp])[] = [
  ["no object", "x", /is no object/],
  ["auth of another kind", { auth: 1 }, /has no text as "auth"/],
  ["no base64", { auth: "!!!!" }, /not NAME:PASSWORD in base64/],
  ["base64 without its padding", { auth: "YTpi".slice(0, 3) }, /not NAME:PASSWORD in base64/],
  ["base64 with spaces", { auth: "YT pi" }, /not NAME:PASSWORD in base64/],
  ["base64 with bits behind its end", { auth: "YTp=" }, /not NAME:PASSWORD in base64/],
  ["no colon", auth("name"), /not NAME:PASSWORD in base64/],
  ["no name", auth(":secret"), /not NAME:PASSWORD in base64/],
  ["no UTF-8", { auth: new Uint8Array([0x61, 0x3a, 0xff]).toBase64() }, /not NAME:PASSWORD in base64/],
  ["a registry token alone", { registrytoken: "x" }, /"registrytoken", which myctr does not use/],
];

for (const [why, entry, message] of DAMAGED) {
  Deno.test(`findInFile() refuses an entry with ${why}, but for that registry alone`, () => {
    const file = parseAuthFile(JSON.stringify({ auths: { ...AUTHS, "bad.local": entry } }), PATH);
    throws(() => findInFile(file, "bad.local", "a"), { code: "usage", message });
    throws(() => findInFile(file, "bad.local", "a"), /"\/h\/auth\.json"/);
    deepEqual(findInFile(file, "my.local", "a"), basic("host", "3"));
  });
}

const NO_FILES: readonly (readonly [text: string, message: RegExp])[] = [
  ["", /it is no JSON/],
  ['{"auths": {', /it is no JSON/],
  ["[]", /it is no JSON object/],
  ['{"auths": []}', /"auths" is no object/],
  ['{"credHelpers": "x"}', /"credHelpers" is no object/],
  ['{"credsStore": 1}', /"credsStore" is no text/],
];

for (const [text, message] of NO_FILES) {
  Deno.test(`parseAuthFile() refuses ${text || "an empty file"}`, () => {
    throws(() => parseAuthFile(text, PATH), { code: "usage", message });
  });
}

Deno.test("parseAuthFile() takes a file that is about something else", () => {
  const { auths, credsStore } = parseAuthFile('{"psFormat": "x", "auths": null, "credsStore": ""}', PATH);
  deepEqual([auths, credsStore], [{}, undefined]);
});

const HELPERS = {
  "a.local": "pass",
  "b.local": "",
  "c.local": "../../bin/x",
  "docker.io": "hub",
  "https://d.local": "url",
};
const use = (name: string, server: string) => ({ kind: "helper", name, server });

const USES: readonly (readonly [registry: string, store: string | undefined, use: unknown])[] = [
  ["a.local", undefined, use("pass", "a.local")],
  ["a.local", "desktop", use("pass", "a.local")],
  ["b.local", "desktop", undefined],
  ["z.local", "desktop", use("desktop", "z.local")],
  ["z.local", undefined, undefined],
  ["docker.io", undefined, use("hub", "docker.io")],
  ["d.local", undefined, use("url", "https://d.local")],
  ["constructor", undefined, undefined],
];

for (const [registry, credsStore, expected] of USES) {
  Deno.test(`helperOf() of ${registry}, with ${credsStore ?? "no"} store`, () => {
    const file = parseAuthFile(JSON.stringify({ credHelpers: HELPERS, credsStore }), PATH);
    deepEqual(helperOf(file, registry), expected);
  });
}

Deno.test("helperOf() asks a store for docker.io by the name that docker gave it", () => {
  const file = parseAuthFile('{"credsStore": "x"}', PATH);
  deepEqual(helperOf(file, "docker.io"), use("x", "https://index.docker.io/v1/"));
});

Deno.test("helperOf() refuses a name that leads elsewhere", () => {
  const file = parseAuthFile(JSON.stringify({ credHelpers: HELPERS }), PATH);
  throws(() => helperOf(file, "c.local"), { code: "usage", message: /is no name of a credential helper/ });
});
