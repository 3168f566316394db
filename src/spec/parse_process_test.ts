/** Tests of parseOomScore(), parseUmask(), parseGroupName() and maybeSize(). */

import { equal, throws } from "node:assert/strict";
import { parseGroupName, parseOomScore, parseUmask } from "./parse_process.ts";
import { maybeSize } from "./parse_size.ts";

const GOOD = [
  [parseOomScore, "-1000", -1000],
  [parseOomScore, "+300", 300],
  [parseUmask, "0022", 0o022],
  [parseUmask, "7", 7],
  [parseGroupName, "staff", "staff"],
  [parseGroupName, "4294967294", "4294967294"],
  [maybeSize, "64m", 67_108_864],
  [maybeSize, "1.5K", 1536],
  [maybeSize, "1 GiB", 1_073_741_824],
  [maybeSize, "2kb", 2048],
  [maybeSize, "4096", 4096],
  [maybeSize, "10b", 10],
  [maybeSize, "0", 0],
  [maybeSize, "", undefined],
  [maybeSize, "-1", undefined],
  [maybeSize, "1x", undefined],
  [maybeSize, "1ib", undefined],
  [maybeSize, "1e3", undefined],
  [maybeSize, "9999999p", undefined],
] as const;

for (const [parse, text, value] of GOOD) {
  Deno.test(`${parse.name}() makes ${value} of ${JSON.stringify(text)}`, () => equal(parse(text), value));
}

const BAD = [
  [parseOomScore, "1001", "usage"],
  [parseOomScore, "-1001", "usage"],
  [parseOomScore, "", "usage"],
  [parseOomScore, "1.5", "usage"],
  [parseUmask, "8", "usage"],
  [parseUmask, "1000", "usage"],
  [parseUmask, "", "usage"],
  [parseGroupName, "keep-groups", "unsupported"],
  [parseGroupName, "4294967295", "usage"],
  [parseGroupName, "a,b", "usage"],
  [parseGroupName, "a:b", "usage"],
  [parseGroupName, "", "usage"],
] as const;

for (const [parse, text, code] of BAD) {
  Deno.test(`${parse.name}() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parse(text), { code });
  });
}
