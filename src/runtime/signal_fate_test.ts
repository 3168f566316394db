/** Tests of fateOf(): what /proc/PID/status says of a signal to process 1. */

import { equal } from "node:assert/strict";
import { fateOf } from "./signal_fate.ts";

const TERM = "0000000000004000";
const NONE = "0000000000000000";

const ROWS = [
  {
    why: "no handler in process 1",
    blocked: NONE,
    ignored: NONE,
    caught: NONE,
    ids: "70\t1",
    fate: "dropped",
  },
  { why: "a handler", blocked: NONE, ignored: NONE, caught: TERM, ids: "70\t1", fate: "handled" },
  { why: "it is ignored", blocked: NONE, ignored: TERM, caught: NONE, ids: "70\t1", fate: "ignored" },
  {
    why: "it is read, as by tini",
    blocked: TERM,
    ignored: NONE,
    caught: NONE,
    ids: "70\t1",
    fate: "handled",
  },
  { why: "the host's process table", blocked: NONE, ignored: NONE, caught: NONE, ids: "70", fate: "handled" },
  { why: "not the first process", blocked: NONE, ignored: NONE, caught: NONE, ids: "70\t5", fate: "handled" },
  { why: "the only process of ours", blocked: NONE, ignored: NONE, caught: NONE, ids: "1", fate: "handled" },
] as const;

for (const { why, blocked, ignored, caught, ids, fate } of ROWS) {
  Deno.test(`fateOf() says ${fate}: ${why}`, () => {
    const status = `Name:\tx\nNSpid:\t${ids}\nSigBlk:\t${blocked}\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;
    equal(fateOf(status, 15), fate);
  });
}
