/** Parses `--security-opt NAME[=VALUE]`, docker's names and podman's mask and unmask. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import type { RunRequest } from "./request.ts";

/** One --security-opt: what of the request it sets. */
export type SecurityOption = Partial<
  Pick<
    RunRequest,
    "apparmorProfile" | "maskedPaths" | "noNewPrivileges" | "seccompProfile" | "unmaskedPaths"
  >
>;

/** What stands in a list of unmasked paths for every path. */
export const ALL_PATHS = "ALL";

type Parse = (value: string | undefined, fail: Fail) => SecurityOption;
type Fail = (problem: string, hint: string) => CtrError;

const NAMES: Readonly<Record<string, Parse>> = {
  "apparmor": (value, fail) => ({ apparmorProfile: needed(value, fail, "apparmor=PROFILE") }),
  // Without SELinux docker takes labels and does nothing with them: so does myctr, which sets none.
  "label": (value, fail) => (needed(value, fail, "label=disable"), {}),
  "mask": (value, fail) => ({ maskedPaths: parsePaths(value, fail, "mask=PATH:PATH") }),
  "no-new-privileges": (value, fail) => ({ noNewPrivileges: parseSwitch(value, fail) }),
  "seccomp": (value, fail) => ({ seccompProfile: needed(value, fail, "seccomp=unconfined") }),
  "systempaths": (value, fail) => {
    if (value === "unconfined") return { unmaskedPaths: [ALL_PATHS] };
    throw fail("there is one value", 'Write "systempaths=unconfined"');
  },
  "unmask": (value, fail) =>
    value === ALL_PATHS
      ? { unmaskedPaths: [ALL_PATHS] }
      : { unmaskedPaths: parsePaths(value, fail, "unmask=PATH:PATH or unmask=ALL") },
};

/**
 * Parses the value of --security-opt. A colon in place of the equals sign is docker's old way.
 *
 * @throws {CtrError} code "usage"
 */
export function parseSecurityOption(text: string): SecurityOption {
  const fail: Fail = (problem, hint) =>
    new CtrError("usage", `Cannot use --security-opt ${JSON.stringify(text)}: ${problem}`, { hint });
  const [, name = "", value] = /^([^=:]*)(?:[=:](.*))?$/s.exec(text) ?? [];
  const parse = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (parse !== undefined) return parse(value, fail);
  const names = Object.keys(NAMES);
  throw fail("there is no such option", didYouMean(name, names, `Choose from ${names.join(" ")}`));
}

/** Joins the options of a command line: lists grow, and of single values the last one counts. */
export function joinSecurityOptions(options: readonly SecurityOption[]): SecurityOption {
  const joined = Object.assign({}, ...options) as SecurityOption;
  const paths = (key: "maskedPaths" | "unmaskedPaths") => options.flatMap((option) => option[key] ?? []);
  const [maskedPaths, unmaskedPaths] = [paths("maskedPaths"), paths("unmaskedPaths")];
  return {
    ...joined,
    ...(maskedPaths.length > 0 && { maskedPaths }),
    ...(unmaskedPaths.length > 0 && { unmaskedPaths }),
  };
}

function needed(value: string | undefined, fail: Fail, example: string): string {
  if (value !== undefined && value.trim() !== "") return value;
  throw fail("the value is missing", `Write "${example}"`);
}

function parseSwitch(value: string | undefined, fail: Fail): boolean {
  if (value === undefined || value === "true") return true;
  if (value === "false") return false;
  throw fail(`${JSON.stringify(value)} is neither true nor false`, 'Write "no-new-privileges"');
}

function parsePaths(value: string | undefined, fail: Fail, example: string): readonly string[] {
  const paths = needed(value, fail, example).split(":").map((path) => path.replace(/(?<=.)\/+$/, ""));
  for (const path of paths) {
    const isPlain = path.startsWith("/") &&
      path.split("/").slice(1).every((part) => part !== "" && part !== "." && part !== "..");
    if (!isPlain) throw fail(`${JSON.stringify(path)} is no absolute path`, `Write "${example}"`);
  }
  return paths;
}
