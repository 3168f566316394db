import { deepEqual, equal, throws } from "node:assert/strict";
import {
  addResult,
  chooseHealthCheck,
  commandOfTest,
  type Health,
  type HealthCheck,
  type HealthRequest,
  NEW_HEALTH,
  untilNextCheck,
} from "./healthcheck.ts";

const CHECK: HealthCheck = {
  test: ["CMD-SHELL", "true"],
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  retries: 3,
  onFailure: "none",
};
const COMMAND = { healthCommand: CHECK.test };
const IMAGE: HealthRequest = { healthCommand: ["CMD", "probe"], healthIntervalMs: 7, healthRetries: 9 };

const CHOICES: readonly {
  name: string;
  asked: HealthRequest;
  image?: HealthRequest;
  want: HealthCheck | undefined;
}[] = [
  { name: "nothing at all", asked: {}, want: undefined },
  { name: "a command alone", asked: COMMAND, want: CHECK },
  {
    name: "the image's",
    asked: {},
    image: IMAGE,
    want: { ...CHECK, test: ["CMD", "probe"], intervalMs: 7, retries: 9 },
  },
  {
    name: "the image's, with one field of one's own; 0 is as absent",
    asked: { healthRetries: 1, healthIntervalMs: 0 },
    image: IMAGE,
    want: { ...CHECK, test: ["CMD", "probe"], intervalMs: 7, retries: 1 },
  },
  { name: "--no-healthcheck", asked: { noHealthCheck: true }, image: IMAGE, want: undefined },
  { name: "--health-cmd none", asked: { healthCommand: ["NONE"] }, image: IMAGE, want: undefined },
  { name: "NONE in the image", asked: {}, image: { ...IMAGE, healthCommand: ["NONE"] }, want: undefined },
  {
    name: "a command over the image's NONE",
    asked: COMMAND,
    image: { healthCommand: ["NONE"] },
    want: CHECK,
  },
  {
    name: "every field",
    asked: {
      ...COMMAND,
      healthOnFailure: "kill",
      healthTimeoutMs: 1,
      healthStartPeriodMs: 2,
      healthStartIntervalMs: 3,
    },
    want: { ...CHECK, onFailure: "kill", timeoutMs: 1, startPeriodMs: 2, startIntervalMs: 3 },
  },
];

for (const { name, asked, image, want } of CHOICES) {
  Deno.test(`chooseHealthCheck(): ${name}`, () => {
    deepEqual(chooseHealthCheck(asked, image), want);
  });
}

Deno.test("chooseHealthCheck() refuses what has no command, and a no with a how", () => {
  throws(() => chooseHealthCheck({ healthRetries: 3 }), {
    message: /no health check that it could be about/,
  });
  throws(() => chooseHealthCheck({ healthRetries: 3 }, { healthCommand: ["NONE"] }), { code: "usage" });
  throws(() => chooseHealthCheck({ ...COMMAND, noHealthCheck: true }), { message: /says no/ });
});

Deno.test("commandOfTest()", () => {
  deepEqual(commandOfTest(["CMD-SHELL", "a && b"]), ["/bin/sh", "-c", "a && b"]);
  deepEqual(commandOfTest(["CMD", "a", "b c"]), ["a", "b c"]);
});

/** Exit codes of checks, each with the time of the container's life; and what comes of them. */
const LIVES: readonly {
  name: string;
  check?: Partial<HealthCheck>;
  results: readonly (readonly [exitCode: number, sinceStartMs: number])[];
  want: Omit<Health, "log">;
}[] = [
  { name: "new", results: [], want: { status: "starting", failingStreak: 0 } },
  { name: "one success", results: [[0, 1]], want: { status: "healthy", failingStreak: 0 } },
  {
    name: "two failures of three",
    results: [[1, 1], [1, 2]],
    want: { status: "starting", failingStreak: 2 },
  },
  {
    name: "three failures",
    results: [[1, 1], [2, 2], [-1, 3]],
    want: { status: "unhealthy", failingStreak: 3 },
  },
  {
    name: "a success in between",
    results: [[1, 1], [1, 2], [0, 3], [1, 4]],
    want: { status: "healthy", failingStreak: 1 },
  },
  {
    name: "back from unhealthy",
    results: [[1, 1], [1, 2], [1, 3], [0, 4]],
    want: { status: "healthy", failingStreak: 0 },
  },
  {
    name: "failures in the start period do not count",
    check: { startPeriodMs: 10, retries: 1 },
    results: [[1, 1], [1, 9]],
    want: { status: "starting", failingStreak: 0 },
  },
  {
    name: "behind it they do",
    check: { startPeriodMs: 10, retries: 1 },
    results: [[1, 1], [1, 10]],
    want: { status: "unhealthy", failingStreak: 1 },
  },
  {
    name: "a success ends it",
    check: { startPeriodMs: 10, retries: 1 },
    results: [[0, 1], [1, 2]],
    want: { status: "unhealthy", failingStreak: 1 },
  },
];

for (const { name, check, results, want } of LIVES) {
  Deno.test(`addResult(): ${name}`, () => {
    const health = results.reduce((before: Health, [exitCode, sinceStartMs]) => {
      const result = { startMs: 0, endMs: 1, exitCode, output: "" };
      return addResult({ ...CHECK, ...check }, before, { result, sinceStartMs });
    }, NEW_HEALTH);
    const { log, ...rest } = health;
    deepEqual(rest, want);
    equal(log.length, results.length);
  });
}

Deno.test("addResult() keeps the last five", () => {
  const results = Array.from(
    { length: 9 },
    (_, number) => ({ startMs: number, endMs: number, exitCode: 0, output: "" }),
  );
  const last = results.reduce(
    (before, result) => addResult(CHECK, before, { result, sinceStartMs: 0 }),
    NEW_HEALTH,
  );
  deepEqual(last.log.map(({ startMs }) => startMs), [4, 5, 6, 7, 8]);
});

Deno.test("untilNextCheck(): the start interval only in the start period, until it is healthy", () => {
  const check = { ...CHECK, startPeriodMs: 10 };
  equal(untilNextCheck(check, "starting", 9), check.startIntervalMs);
  equal(untilNextCheck(check, "starting", 10), check.intervalMs);
  equal(untilNextCheck(check, "healthy", 1), check.intervalMs);
  equal(untilNextCheck(CHECK, "starting", 0), CHECK.intervalMs);
});
