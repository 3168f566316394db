/** Health checks: what is asked for, when a check is due, and what its results mean; docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import { ANNOTATION, type Spec } from "./types.ts";

/** What is done when a container is found unhealthy: podman's words. */
export const ON_FAILURE = ["none", "kill", "restart", "stop"] as const;
export type OnFailure = typeof ON_FAILURE[number];

/** What an image or the command line says of it; 0 is as what is absent. Times in milliseconds. */
export interface HealthRequest {
  /** `CMD` and words, `CMD-SHELL` and a line for a shell, or `NONE`. */
  readonly healthCommand?: readonly string[];
  readonly healthIntervalMs?: number;
  readonly healthTimeoutMs?: number;
  readonly healthStartPeriodMs?: number;
  readonly healthStartIntervalMs?: number;
  readonly healthRetries?: number;
  readonly healthOnFailure?: OnFailure;
  /** Whether there is none, whatever the image says. */
  readonly noHealthCheck?: boolean;
}

/** A check of a container. Times in milliseconds. */
export interface HealthCheck {
  readonly test: readonly string[];
  /** From the end of a check to the next one. */
  readonly intervalMs: number;
  /** What a check may take. */
  readonly timeoutMs: number;
  /** How long after its start a container may fail without being counted. */
  readonly startPeriodMs: number;
  /** In place of the interval, in that time, until a check has succeeded. */
  readonly startIntervalMs: number;
  /** So many failures in a row make it unhealthy. */
  readonly retries: number;
  readonly onFailure: OnFailure;
}

/** Docker's. */
const DEFAULTS = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  retries: 3,
  onFailure: "none",
} as const satisfies Omit<HealthCheck, "test">;

/** Chooses the check of a container, of what was asked for and what the image has. @throws {CtrError} code "usage" */
export function chooseHealthCheck(asked: HealthRequest, image: HealthRequest = {}): HealthCheck | undefined {
  const { noHealthCheck = false, ...given } = onlyHealth(asked);
  const isAsked = Object.keys(given).length > 0;
  if (noHealthCheck && isAsked) {
    throw new CtrError("usage", "Cannot use --no-healthcheck with --health-*: one says no, the other how", {
      hint: "Leave out one of the two",
    });
  }
  const all = { ...image, ...withoutZeros(given) };
  const [kind = "NONE"] = all.healthCommand ?? [];
  if (noHealthCheck || kind === "NONE") {
    if (!isAsked || given.healthCommand !== undefined) return undefined;
    throw new CtrError("usage", "Cannot use --health-*: there is no health check that it could be about", {
      hint: "Write --health-cmd too",
    });
  }
  return {
    test: all.healthCommand!,
    intervalMs: all.healthIntervalMs ?? DEFAULTS.intervalMs,
    timeoutMs: all.healthTimeoutMs ?? DEFAULTS.timeoutMs,
    startPeriodMs: all.healthStartPeriodMs ?? DEFAULTS.startPeriodMs,
    startIntervalMs: all.healthStartIntervalMs ?? DEFAULTS.startIntervalMs,
    retries: all.healthRetries ?? DEFAULTS.retries,
    onFailure: all.healthOnFailure ?? DEFAULTS.onFailure,
  };
}

/** Keeps the check of a container in its configuration; nothing where it has none. */
export function healthAnnotations(
  asked: HealthRequest,
  image?: HealthRequest,
): Readonly<Record<string, string>> {
  const check = chooseHealthCheck(asked, image);
  return check === undefined ? {} : { [ANNOTATION.healthCheck]: JSON.stringify(check) };
}

/** Gives the check that a configuration keeps; undefined where there is none. */
export function healthCheckOf({ annotations }: Pick<Spec, "annotations">): HealthCheck | undefined {
  const text = annotations[ANNOTATION.healthCheck];
  return text === undefined ? undefined : JSON.parse(text);
}

function onlyHealth(request: HealthRequest): HealthRequest {
  const named = Object.entries(request).filter(([key, value]) =>
    /^(health[A-Z]|noHealth)/.test(key) && value !== undefined && value !== false
  );
  return Object.fromEntries(named);
}

function withoutZeros(request: HealthRequest): HealthRequest {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== 0));
}

/** Gives the words that are executed in the container. */
export function commandOfTest([kind = "", ...words]: HealthCheck["test"]): readonly string[] {
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", words.join(" ")] : words;
}

/** Docker's words. */
export const HEALTH_STATUSES = ["starting", "healthy", "unhealthy"] as const;
export type HealthStatus = typeof HEALTH_STATUSES[number];

/** A check that was made. */
export interface HealthResult {
  readonly startMs: number;
  readonly endMs: number;
  readonly exitCode: number;
  /** The beginning of what it wrote. */
  readonly output: string;
}

/** How a container is, by its checks. */
export interface Health {
  readonly status: HealthStatus;
  /** How many checks have failed in a row. */
  readonly failingStreak: number;
  /** The last ones, the oldest first. */
  readonly log: readonly HealthResult[];
}

/** How a container is that has just been started. */
export const NEW_HEALTH: Health = { status: "starting", failingStreak: 0, log: [] };

const LOGGED = 5;

/** Adds a result. `sinceStartMs`: how long the container had run when the check began. */
export function addResult(
  check: HealthCheck,
  before: Health,
  { result, sinceStartMs }: { readonly result: HealthResult; readonly sinceStartMs: number },
): Health {
  const log = [...before.log, result].slice(-LOGGED);
  if (result.exitCode === 0) return { status: "healthy", failingStreak: 0, log };
  if (before.status === "starting" && sinceStartMs < check.startPeriodMs) return { ...before, log };
  const failingStreak = before.failingStreak + 1;
  return { status: failingStreak >= check.retries ? "unhealthy" : before.status, failingStreak, log };
}

/** Gives the time from now to the next check, in milliseconds. */
export function untilNextCheck(check: HealthCheck, status: HealthStatus, sinceStartMs: number): number {
  const isStarting = status === "starting" && sinceStartMs < check.startPeriodMs;
  return isStarting ? check.startIntervalMs : check.intervalMs;
}
