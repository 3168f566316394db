/** `RUN --mount`: what a command has at a path while it runs, and no layer keeps. Pure. */

import type { Flag } from "./instruction.ts";
import { joinPath } from "./image_state.ts";
import { ProblemError } from "./problem.ts";
import { cleanPath } from "../spec/clean_path.ts";
import { didYouMean } from "../spec/nearest.ts";

/** One of them. */
export type RunMount =
  | { readonly type: "bind"; readonly target: string; readonly source: string }
  | { readonly type: "tmpfs"; readonly target: string; readonly size?: string }
  | {
    readonly type: "cache";
    readonly target: string;
    readonly id: string;
    readonly isReadOnly: boolean;
    /** Whether no two commands have it at the same time. */
    readonly isLocked: boolean;
    readonly modeOctal: number;
  }
  | {
    readonly type: "secret";
    readonly target?: string;
    readonly id: string;
    /** The variable that has it too. */
    readonly variable?: string;
    readonly isRequired: boolean;
  };

/** Fields by type; the first of several names is the one that counts. Source: Dockerfile reference, RUN --mount. */
const FIELDS: Readonly<Record<RunMount["type"], readonly string[]>> = {
  bind: ["target", "source", "from", "rw"],
  tmpfs: ["target", "size"],
  cache: ["target", "id", "ro", "sharing", "mode", "from", "source", "uid", "gid"],
  secret: ["target", "id", "env", "required", "mode", "uid", "gid"],
};
const ALIASES: Readonly<Record<string, string>> = {
  dst: "target",
  destination: "target",
  src: "source",
  readonly: "ro",
  readwrite: "rw",
};

/** Reads one; paths begin at the working directory. @throws {ProblemError} */
export function parseRunMount({ value = "", at }: Flag, workdir: string): RunMount {
  const fail = (problem: string, hint?: string) => new ProblemError(at, `--mount=${value}: ${problem}`, hint);
  const fields = new Map(
    value.split(",").map((part) => {
      const end = part.indexOf("=");
      const key = (end < 0 ? part : part.slice(0, end)).toLowerCase();
      return [ALIASES[key] ?? key, end < 0 ? "true" : part.slice(end + 1)];
    }),
  );
  const type = fields.get("type") ?? "bind";
  if (type === "ssh") throw fail("ssh is not there yet");
  if (!Object.hasOwn(FIELDS, type)) {
    throw fail(
      `there is no type ${JSON.stringify(type)}`,
      didYouMean(type, Object.keys(FIELDS), "Choose from bind cache secret tmpfs"),
    );
  }
  const known = FIELDS[type as RunMount["type"]];
  const unknown = [...fields.keys()].find((key) => key !== "type" && !known.includes(key));
  if (unknown !== undefined) {
    throw fail(
      `${type} has no ${JSON.stringify(unknown)}`,
      didYouMean(unknown, known, `${type} takes ${known.join(" ")}`),
    );
  }
  const later = ["from", "rw", "uid", "gid"].find((key) => fields.has(key) && fields.get(key) !== "0");
  if (later !== undefined) throw fail(`${later} is not there yet`, "Leave it out");
  const target = fields.get("target");
  if (target === undefined && type !== "secret") throw fail("the target is missing", "Write target=PATH");
  return mountOf(type as RunMount["type"], {
    fields,
    fail,
    target: joinPath(workdir, target ?? "."),
    hasTarget: target !== undefined,
  });
}

interface Parts {
  readonly fields: ReadonlyMap<string, string>;
  readonly fail: (problem: string, hint?: string) => ProblemError;
  readonly target: string;
  readonly hasTarget: boolean;
}

function mountOf(type: RunMount["type"], { fields, fail, target, hasTarget }: Parts): RunMount {
  if (type === "bind") return { type, target, source: cleanPath(fields.get("source") ?? "/").slice(1) };
  const size = fields.get("size");
  if (type === "tmpfs") return { type, target, ...(size !== undefined && { size }) };
  const mode = fields.get("mode") ?? "0755";
  if (!/^[0-7]{1,4}$/.test(mode)) throw fail(`${JSON.stringify(mode)} is no mode`, "Write octal digits");
  if (type === "cache") {
    const sharing = fields.get("sharing") ?? "shared";
    if (!["shared", "private", "locked"].includes(sharing)) {
      throw fail(`there is no sharing ${JSON.stringify(sharing)}`, "Choose from shared private locked");
    }
    return {
      type,
      target,
      id: fields.get("id") ?? target,
      isReadOnly: fields.get("ro") === "true",
      isLocked: sharing !== "shared",
      modeOctal: parseInt(mode, 8),
    };
  }
  const id = fields.get("id") ?? (hasTarget ? target.slice(target.lastIndexOf("/") + 1) : "");
  if (!/^[\w.-]+$/.test(id)) throw fail("the secret has no id", "Write id=NAME");
  const variable = fields.get("env");
  return {
    type,
    id,
    ...(variable !== undefined && { variable }),
    ...(hasTarget || variable === undefined ? { target: hasTarget ? target : `/run/secrets/${id}` } : {}),
    isRequired: fields.get("required") === "true",
  };
}
