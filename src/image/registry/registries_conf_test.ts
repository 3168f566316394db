/** Tests of registries_conf.ts and its parser: what containers-registries.conf(5) says about its examples. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { fullName, parseReference } from "../reference.ts";
import { mergeRegistriesConf, parseRegistriesConf } from "./parse_registries_conf.ts";
import { type RegistriesConf, resolveName, resolveSources, resolveTarget } from "./registries_conf.ts";

const PATH = "/e/registries.conf";
const SHA = `sha256:${"ab".repeat(32)}`;

function parse(text: string): RegistriesConf {
  return parseRegistriesConf(text, PATH);
}

/** Each place, with a mark where it needs no encryption. */
function sourcesOf(name: string, conf: RegistriesConf): readonly string[] {
  return resolveSources(parseReference(name), conf)
    .map(({ isInsecure, ...reference }) => `${fullName(reference)}${isInsecure ? " insecure" : ""}`);
}

const CONF = parse(`
unqualified-search-registries = ["example.com"]
short-name-mode = "enforcing"

[[registry]]
prefix = "example.com/foo"
insecure = false
blocked = false
location = "internal-for-example.com/bar"

[[registry.mirror]]
location = "mirror-0.local/mirror-for-foo"

[[registry.mirror]]
location = "mirror-1.local/mirrors/foo/"
insecure = true

[[registry]]
location = "registry.com"

[[registry.mirror]]
location = "mirror.registry.com"

[[registry]]
prefix = "docker.io"
[[registry.mirror]]
location = "localhost:5000"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "localhost:5001/hub"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "*.wild.com"
insecure = true

[[registry]]
prefix = "*.moved.com"
location = "new.com/moved"

[[registry]]
prefix = "blocked.com/bad"
blocked = true

[[registry]]
location = "blocked.com/bad/but"

[[registry]]
prefix = "one.com/app:1"
location = "two.com/other:2"

[[registry]]
prefix = "digest.com"
mirror-by-digest-only = true
[[registry.mirror]]
location = "copy.com"

[aliases]
"fedora" = "registry.fedoraproject.org/fedora"
"opensuse/leap" = "registry.opensuse.org/opensuse/leap"
"alpine" = "docker.io/library/alpine"
"bare" = "docker.io/bare"
`);

const SOURCES: readonly (readonly [name: string, sources: readonly string[]])[] = [
  ["example.com/foo/image:latest", [
    "mirror-0.local/mirror-for-foo/image:latest",
    "mirror-1.local/mirrors/foo/image:latest insecure",
    "internal-for-example.com/bar/image:latest",
  ]],
  ["example.com/food:1", ["example.com/food:1"]],
  ["registry.com/image:1", ["mirror.registry.com/image:1", "registry.com/image:1"]],
  ["registry.com:5000/image:1", ["registry.com:5000/image:1"]],
  ["alpine", ["localhost:5001/hub/library/alpine:latest", "docker.io/library/alpine:latest"]],
  [`alpine@${SHA}`, [`localhost:5000/library/alpine@${SHA}`, `docker.io/library/alpine@${SHA}`]],
  ["a.b.wild.com/x/y", ["a.b.wild.com/x/y:latest insecure"]],
  ["a.wild.com:5000/x", ["a.wild.com:5000/x:latest insecure"]],
  ["wild.com/x", ["wild.com/x:latest"]],
  ["notwild.com/x", ["notwild.com/x:latest"]],
  ["a.wild.com.org/x", ["a.wild.com.org/x:latest"]],
  ["a.moved.com/x/y:1", ["new.com/moved/x/y:1"]],
  ["blocked.com/bad/but/one", ["blocked.com/bad/but/one:latest"]],
  ["one.com/app:1", ["two.com/other:2"]],
  ["one.com/app:10", ["one.com/app:10"]],
  ["digest.com/a", ["digest.com/a:latest"]],
  [`digest.com/a@${SHA}`, [`copy.com/a@${SHA}`, `digest.com/a@${SHA}`]],
  ["elsewhere.com/a", ["elsewhere.com/a:latest"]],
];

for (const [name, sources] of SOURCES) {
  Deno.test(`resolveSources() of ${name}`, () => deepEqual(sourcesOf(name, CONF), sources));
}

Deno.test("resolveSources() refuses what is blocked, and resolveTarget() too", () => {
  const reference = parseReference("blocked.com/bad/image");
  const expected = { code: "bad_state", message: /registries\.conf blocks "blocked\.com\/bad"$/ };
  throws(() => resolveSources(reference, CONF), expected);
  throws(() => resolveTarget(reference, CONF), expected);
});

Deno.test("resolveTarget() stays with the name, and says whether it may be plain", () => {
  const target = (name: string) => {
    const { registry, isInsecure } = resolveTarget(parseReference(name), CONF);
    return [registry, isInsecure];
  };
  deepEqual(target("example.com/foo/image"), ["example.com", false]);
  deepEqual(target("a.wild.com/x"), ["a.wild.com", true]);
  deepEqual(target("elsewhere.com/x"), ["elsewhere.com", false]);
});

const NAMES: readonly (readonly [typed: string, full: string])[] = [
  ["fedora", "registry.fedoraproject.org/fedora:latest"],
  ["fedora:41", "registry.fedoraproject.org/fedora:41"],
  [`fedora@${SHA}`, `registry.fedoraproject.org/fedora@${SHA}`],
  [`fedora:41@${SHA}`, `registry.fedoraproject.org/fedora:41@${SHA}`],
  ["opensuse/leap:15", "registry.opensuse.org/opensuse/leap:15"],
  ["docker.io/library/fedora", "docker.io/library/fedora:latest"],
  ["localhost:5000/fedora", "localhost:5000/fedora:latest"],
  ["me/fedora", "docker.io/me/fedora:latest"],
  ["busybox", "docker.io/library/busybox:latest"],
  ["bare", "docker.io/library/bare:latest"],
  ["constructor", "docker.io/library/constructor:latest"],
];

for (const [typed, full] of NAMES) {
  Deno.test(`resolveName() of ${typed}`, () => equal(fullName(resolveName(typed, CONF)), full));
}

Deno.test("mergeRegistriesConf() lets a later file change a prefix and an alias, and take one back", () => {
  const later = parse(`
    [[registry]]
    location = "registry.com"
    insecure = true
    [aliases]
    fedora = ""
    alpine = "quay.io/my/alpine"
  `);
  const merged = mergeRegistriesConf([CONF, later]);
  deepEqual(sourcesOf("registry.com/a", merged), ["registry.com/a:latest insecure"]);
  deepEqual(sourcesOf("a.wild.com/x", merged), ["a.wild.com/x:latest insecure"]);
  deepEqual(["fedora", "alpine", "bare"].map((name) => resolveName(name, merged).registry), [
    "docker.io",
    "quay.io",
    "docker.io",
  ]);
});

Deno.test("parseRegistriesConf() notes what it does not use", () => {
  const { notes } = parse(`
    credential-helpers = ["pass"]
    unqualified-search-registries = []
    [[registry]]
    location = "a.com"
    insecrue = true
    [[registry.mirror]]
    location = "b.com"
    weight = 1
  `);
  deepEqual(notes, [
    `${PATH}: credential-helpers is not used`,
    `${PATH}: registry.insecrue is not used`,
    `${PATH}: registry.mirror.weight is not used`,
  ]);
  deepEqual(CONF.notes, []);
});

Deno.test("parseRegistriesConf() takes the first of two tables with one prefix", () => {
  const conf = parse(`
    [[registry]]
    location = "a.com"
    insecure = true
    [[registry]]
    location = "a.com"
  `);
  deepEqual(sourcesOf("a.com/x", conf), ["a.com/x:latest insecure"]);
});

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  ["a = ", /^Cannot use "\/e\/registries\.conf": line 1 is no TOML: /],
  ["[[registry]]\nlocation = 1", /location is no text$/],
  ["[[registry]]\nblocked = true", /a registry has neither prefix nor location$/],
  ['[[registry]]\nlocation = "a.com"\nblocked = "yes"', /blocked is neither true nor false$/],
  ['[[registry]]\nlocation = "https://a.com"', /location "https:\/\/a\.com" is a URL$/],
  ['[[registry]]\nlocation = "a.com"\n[[registry.mirror]]\ninsecure = true', /a mirror has no location$/],
  ['[[registry]]\nlocation = "mirror/a"', /does not begin with a registry$/],
  ['[[registry]]\nlocation = "mirror"', /does not begin with a registry$/],
  ['[[registry]]\nprefix = "*.a.com/b"', /is not of the form "\*\.example\.com"$/],
  ['[[registry]]\nprefix = "a.*.com"', /does not begin with a registry$/],
  ['[registry]\nlocation = "a.com"', /registry is no list of tables$/],
  ["[registries.insecure]\nregistries = []", /it has the first format/],
  [
    '[[registry]]\nlocation = "a.com"\n[[registry.mirror]]\nlocation = "b.com"\npull-from-mirror = "never"',
    /pull-from-mirror is "never"$/,
  ],
  [
    '[[registry]]\nlocation = "a.com"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "b.com"\npull-from-mirror = "all"',
    /stand together$/,
  ],
  ['[aliases]\n"a:1" = "b.com/a"', /alias "a:1" is no name without a registry and a tag$/],
  ['[aliases]\n"c.com/a" = "b.com/a"', /is no name without a registry/],
  ['[aliases]\na = "b"', /leads to "b"/],
  ['[aliases]\na = "b.com/a:1"', /leads to "b\.com\/a:1"/],
  ["[aliases]\na = 1", /alias "a" is no text$/],
];

for (const [text, message] of WRONG) {
  Deno.test(`parseRegistriesConf() refuses ${JSON.stringify(text)}`, () => {
    throws(() => parse(text), { code: "usage", message });
  });
}
