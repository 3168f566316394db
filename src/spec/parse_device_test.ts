/** Tests of parseDevice(). */

import { deepEqual, throws } from "node:assert/strict";
import { parseDevice } from "./parse_device.ts";

const GOOD = [
  { text: "/dev/fuse", source: "/dev/fuse", path: "/dev/fuse" },
  { text: "/dev/fuse:rwm", source: "/dev/fuse", path: "/dev/fuse" },
  { text: "/dev/sda:/dev//xvda", source: "/dev/sda", path: "/dev/xvda" },
  { text: "/dev/sda:/disk:mrw", source: "/dev/sda", path: "/disk" },
] as const;

for (const { text, ...device } of GOOD) {
  Deno.test(`parseDevice() takes ${text}`, () => deepEqual(parseDevice(text), device));
}

const BAD = [
  { text: "", code: "usage" },
  { text: "dev/fuse", code: "usage" },
  { text: "/dev/fuse:fuse", code: "usage" },
  { text: "/dev/fuse:/dev/fuse:x", code: "usage" },
  { text: "/dev/fuse:/dev/fuse:rwm:x", code: "usage" },
  { text: "/dev/fuse:rr", code: "usage" },
  { text: "/dev/fuse:/", code: "usage" },
  { text: "/dev/fuse:/proc/fuse", code: "usage" },
  { text: "/dev/fuse:r", code: "unsupported" },
  { text: "/dev/fuse:/dev/fuse:rw", code: "unsupported" },
  { text: "vendor.com/class=gpu0", code: "unsupported" },
] as const;

for (const { text, code } of BAD) {
  Deno.test(`parseDevice() rejects ${JSON.stringify(text)}`, () => throws(() => parseDevice(text), { code }));
}
