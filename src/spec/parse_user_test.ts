/** Tests of parseUser(), parseCapability(), nearest() and cleanPath(). */

import { deepEqual, equal, throws } from "node:assert/strict";
import { CAPABILITIES, parseCapability } from "./capabilities.ts";
import { cleanPath } from "./clean_path.ts";
import { editDistance, nearest } from "./nearest.ts";
import { parseUser } from "./parse_user.ts";

const USERS = [
  { text: "bob", want: { user: "bob" } },
  { text: "7", want: { user: 7 } },
  { text: "0", want: { user: 0 } },
  { text: "bob:wheel", want: { user: "bob", group: "wheel" } },
  { text: "7:8", want: { user: 7, group: 8 } },
  { text: "bob:8", want: { user: "bob", group: 8 } },
  { text: "7:wheel", want: { user: 7, group: "wheel" } },
  { text: ":wheel", want: { user: 0, group: "wheel" } },
  { text: "4294967294", want: { user: 4294967294 } },
  { text: "7up", want: { user: "7up" } },
] as const;

for (const { text, want } of USERS) {
  Deno.test(`parseUser() parses ${text}`, () => {
    deepEqual(parseUser(text), want);
  });
}

const BAD_USERS = [
  "",
  ":",
  "bob:",
  "a:b:c",
  "4294967295",
  "4294967296",
  "0:4294967296",
  "9".repeat(400),
  "-1",
  "+1",
  "1 ",
  " 1",
  "a b",
  "a\nb",
  "a\n",
  "a/b",
  "a,b",
] as const;

for (const text of BAD_USERS) {
  Deno.test(`parseUser() rejects ${JSON.stringify(text.slice(0, 24))}`, () => {
    throws(() => parseUser(text), { code: "usage", message: /^Cannot run as user "/ });
  });
}

const NAMES = [
  { text: "NET_RAW", want: "CAP_NET_RAW" },
  { text: "cap_net_raw", want: "CAP_NET_RAW" },
  { text: "all", want: "ALL" },
] as const;

for (const { text, want } of NAMES) {
  Deno.test(`parseCapability() parses ${text}`, () => {
    equal(parseCapability(text), want);
  });
}

const BAD_NAMES = [
  { text: "NET_ROW", hint: 'Did you mean "CAP_NET_RAW"?' },
  { text: "", hint: /capabilities\(7\)/ },
  { text: "CAP_ALL", hint: /./ },
  { text: "whatever", hint: /capabilities\(7\)/ },
] as const;

for (const { text, hint } of BAD_NAMES) {
  Deno.test(`parseCapability() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseCapability(text), { code: "usage", hint });
  });
}

Deno.test("CAPABILITIES ends with number 40", () => {
  equal(CAPABILITIES.indexOf("CAP_CHECKPOINT_RESTORE"), 40);
});

const DISTANCES = [["", "abc", 3], ["name", "nmae", 1], ["list", "lits", 1], ["run", "rm", 2], [
  "x",
  "x",
  0,
]] as const;

for (const [a, b, want] of DISTANCES) {
  Deno.test(`editDistance() of "${a}" and "${b}" is ${want}`, () => {
    equal(editDistance(a, b), want);
  });
}

Deno.test("nearest() finds nothing for another word", () => {
  equal(nearest("start", ["run", "list"]), undefined);
});

const PATHS = [["/", "/"], ["/a//b/./c/", "/a/b/c"], ["/a/../..", "/"], ["/../a", "/a"]] as const;

for (const [path, want] of PATHS) {
  Deno.test(`cleanPath() of ${path} is ${want}`, () => {
    equal(cleanPath(path), want);
  });
}
