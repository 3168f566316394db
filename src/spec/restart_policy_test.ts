import { deepEqual, equal, throws } from "node:assert/strict";
import { delayAfter, parseRestartPolicy } from "./restart_policy.ts";

const GOOD = [
  { text: "no", policy: { name: "no" } },
  { text: "never", policy: { name: "no" } },
  { text: "always", policy: { name: "always" } },
  { text: "unless-stopped", policy: { name: "unless-stopped" } },
  { text: "on-failure", policy: { name: "on-failure" } },
  { text: "on-failure:5", policy: { name: "on-failure", maximum: 5 } },
  { text: "on-failure:0", policy: { name: "on-failure" } },
] as const;

const BAD = [
  { text: "", problem: /there is no such policy/ },
  { text: "alway", problem: /there is no such policy/, hint: /"always"/ },
  { text: "Always", problem: /there is no such policy/ },
  { text: "always:3", problem: /"always" takes no number/ },
  { text: "no:0", problem: /"no" takes no number/ },
  { text: "on-failure:", problem: /no whole number/ },
  { text: "on-failure:-1", problem: /no whole number/ },
  { text: "on-failure:1.5", problem: /no whole number/ },
  { text: "on-failure:1:2", problem: /no whole number/ },
  { text: "on-failure:99999999999", problem: /no whole number/ },
];

for (const row of GOOD) {
  Deno.test(`--restart ${row.text}`, () => {
    deepEqual(parseRestartPolicy(row.text), row.policy);
  });
}

for (const { text, problem, hint } of BAD) {
  Deno.test(`--restart ${JSON.stringify(text)} is refused`, () => {
    throws(() => parseRestartPolicy(text), { code: "usage", message: problem, ...(hint && { hint }) });
  });
}

const FAILED = { exitCode: 1, ranMs: 5, count: 0 };
const DELAYS = [
  { policy: "no", end: FAILED, delayMs: undefined },
  { policy: "always", end: FAILED, delayMs: 100 },
  { policy: "always", end: { ...FAILED, exitCode: 0 }, delayMs: 100 },
  { policy: "unless-stopped", end: { ...FAILED, exitCode: 0, count: 9, delayMs: 100 }, delayMs: 200 },
  { policy: "always", end: { ...FAILED, count: 20, delayMs: 51_200 }, delayMs: 60_000 },
  { policy: "always", end: { ...FAILED, count: 20, delayMs: 60_000 }, delayMs: 60_000 },
  { policy: "always", end: { ...FAILED, ranMs: 9_999, delayMs: 800 }, delayMs: 1600 },
  { policy: "always", end: { ...FAILED, ranMs: 10_000, delayMs: 800 }, delayMs: 100 },
  { policy: "on-failure", end: { ...FAILED, exitCode: 0 }, delayMs: undefined },
  { policy: "on-failure", end: { ...FAILED, exitCode: 137, count: 1000, delayMs: 60_000 }, delayMs: 60_000 },
  { policy: "on-failure:2", end: { ...FAILED, count: 1, delayMs: 100 }, delayMs: 200 },
  { policy: "on-failure:2", end: { ...FAILED, count: 2, delayMs: 200 }, delayMs: undefined },
];

for (const { policy, end, delayMs } of DELAYS) {
  Deno.test(`${policy} after ${JSON.stringify(end)}: ${delayMs ?? "never"}`, () => {
    equal(delayAfter(parseRestartPolicy(policy), end), delayMs);
  });
}
