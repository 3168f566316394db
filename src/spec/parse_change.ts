/** Parses `--change`: an instruction of a Containerfile that sets what a container starts with. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import { parseHealthRetries, parseHealthTime } from "./parse_health.ts";
import { parseSignal } from "./parse_signal.ts";
import { maybeWordList } from "./word_list.ts";

/** One instruction, as a part of an image's configuration with its names. */
export type Change = Readonly<Record<string, unknown>>;

type Parse = (text: string) => Change;

/** A list in JSON, or a line for a shell. */
function commandOf(key: "Cmd" | "Entrypoint"): Parse {
  return (text) => ({ [key]: maybeWordList(text) ?? ["/bin/sh", "-c", text] });
}

const INSTRUCTIONS: Readonly<Record<string, Parse>> = {
  CMD: commandOf("Cmd"),
  ENTRYPOINT: commandOf("Entrypoint"),
  ENV: (text) => ({ Env: [pairOf(text, "ENV").join("=")] }),
  EXPOSE: (text) => ({ ExposedPorts: Object.fromEntries(wordsOf(text).map((port) => [portOf(port), {}])) }),
  HEALTHCHECK: (text) => ({ Healthcheck: healthCheckOf(text) }),
  LABEL: (text) => ({ Labels: Object.fromEntries([pairOf(text, "LABEL")]) }),
  STOPSIGNAL: (text) => (parseSignal(text), { StopSignal: text }),
  USER: (text) => ({ User: text }),
  VOLUME: (text) => ({
    Volumes: Object.fromEntries((maybeWordList(text) ?? wordsOf(text)).map((path) => [path, {}])),
  }),
  WORKDIR: (text) => ({ WorkingDir: absolute(text) }),
};

/** Parses `CMD ["sh"]`, `ENV A=b` and the like. @throws {CtrError} code "usage" */
export function parseChange(text: string): Change {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  const parse = INSTRUCTIONS[word.toUpperCase()];
  if (parse !== undefined && rest.trim() !== "") return parse(rest.trim());
  const names = Object.keys(INSTRUCTIONS);
  throw changeError(
    text,
    parse === undefined ? "there is no such instruction" : "nothing follows the instruction",
    didYouMean(word.toUpperCase(), names, `Write one of ${names.join(", ")}, and its value behind it`),
  );
}

function changeError(text: string, why: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use --change ${JSON.stringify(text)}: ${why}`, { hint });
}

function pairOf(text: string, word: string): readonly [string, string] {
  const [, name, value] = /^([^\s=]+)[=\s]\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw changeError(`${word} ${text}`, "there is no value", `Write ${word} NAME=VALUE`);
  }
  return [name, value.replace(/^"(.*)"$/s, "$1")];
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/);
}

function portOf(text: string): string {
  const [, port, protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65535) return `${port}/${protocol}`;
  throw changeError(`EXPOSE ${text}`, "that is no port", "Write a number up to 65535, and /tcp or /udp");
}

const HEALTH_FLAGS: Readonly<Record<string, string>> = {
  "--interval": "Interval",
  "--timeout": "Timeout",
  "--start-period": "StartPeriod",
  "--start-interval": "StartInterval",
};

/** `[--interval=30s …] CMD …`, or `NONE`; times in nanoseconds. Source: Dockerfile reference, HEALTHCHECK. */
function healthCheckOf(text: string): Change {
  const [, flags = "", kind = "", command = ""] = /^((?:--\S+\s+)*)(\S+)\s*(.*)$/s.exec(text) ?? [];
  const fields = Object.fromEntries(wordsOf(flags.trim()).filter(Boolean).map(healthFieldOf));
  if (/^NONE$/i.test(kind) && command === "" && flags === "") return { Test: ["NONE"] };
  if (/^CMD$/i.test(kind) && command !== "") {
    const list = maybeWordList(command);
    return { Test: list === undefined ? ["CMD-SHELL", command] : ["CMD", ...list], ...fields };
  }
  throw changeError(
    `HEALTHCHECK ${text}`,
    "there is no command",
    "Write HEALTHCHECK --interval=30s CMD command, or NONE",
  );
}

function healthFieldOf(word: string): readonly [string, number] {
  const [, flag = "", value = ""] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  if (flag === "--retries") return ["Retries", parseHealthRetries(value)];
  const field = HEALTH_FLAGS[flag];
  if (field !== undefined) return [field, parseHealthTime(flag)(value) * 1e6];
  const known = [...Object.keys(HEALTH_FLAGS), "--retries"];
  throw changeError(
    `HEALTHCHECK ${word}`,
    "there is no such flag",
    didYouMean(flag, known, `Write one of ${known.join(", ")}, and = with its value`),
  );
}

function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  throw changeError(`WORKDIR ${path}`, "the path is not absolute", "Begin it with /");
}

/** Joins instructions: lists of variables, labels, ports and volumes grow, of everything else the last one counts. */
export function joinChanges(changes: readonly Change[]): Change {
  const joined: Record<string, unknown> = {};
  for (const change of changes) {
    for (const [key, value] of Object.entries(change)) joined[key] = joinValue(key, joined[key], value);
  }
  return joined;
}

/** Of these the last one counts as it is. */
const WHOLE: readonly string[] = ["Cmd", "Entrypoint", "Healthcheck"];

function joinValue(key: string, before: unknown, value: unknown): unknown {
  if (before === undefined || typeof value === "string" || WHOLE.includes(key)) return value;
  return key === "Env"
    ? [...before as readonly string[], ...value as readonly string[]]
    : { ...before as object, ...value as object };
}
