/** Options of `myctr run` for health checks. */

import { ON_FAILURE } from "../spec/healthcheck.ts";
import {
  parseHealthCommand,
  parseHealthRetries,
  parseHealthTime,
  parseOnFailure,
} from "../spec/parse_health.ts";
import type { OptionRow } from "./declaration.ts";

/** In alphabetical order. */
export const HEALTH_OPTIONS = [
  {
    name: "healthCommand",
    long: "--health-cmd",
    placeholder: "command",
    description: "check by a command whether it is healthy; none: do not",
    parse: parseHealthCommand,
  },
  {
    name: "healthIntervalMs",
    long: "--health-interval",
    placeholder: "time",
    description: "wait so long between two checks (30s)",
    parse: parseHealthTime("--health-interval"),
  },
  {
    name: "healthOnFailure",
    long: "--health-on-failure",
    placeholder: "action",
    kind: ON_FAILURE,
    description: "of an unhealthy one: none (default), kill, restart, stop",
    parse: parseOnFailure,
  },
  {
    name: "healthRetries",
    long: "--health-retries",
    placeholder: "number",
    description: "call it unhealthy after so many failures in a row (3)",
    parse: parseHealthRetries,
  },
  {
    name: "healthStartIntervalMs",
    long: "--health-start-interval",
    placeholder: "time",
    description: "wait so long between checks while it starts (5s)",
    parse: parseHealthTime("--health-start-interval"),
  },
  {
    name: "healthStartPeriodMs",
    long: "--health-start-period",
    placeholder: "time",
    description: "count no failures for so long after its start (0s)",
    parse: parseHealthTime("--health-start-period"),
  },
  {
    name: "healthTimeoutMs",
    long: "--health-timeout",
    placeholder: "time",
    description: "let a check fail that takes so long (30s)",
    parse: parseHealthTime("--health-timeout"),
  },
  { name: "noHealthCheck", long: "--no-healthcheck", description: "do not do the checks of the image" },
] as const satisfies readonly OptionRow[];
