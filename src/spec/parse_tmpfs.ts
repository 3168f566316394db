/** Parses `--tmpfs PATH[:OPTION,…]`. Pure. */

import { CtrError } from "../errors.ts";
import { type FlagError, mountError, parseDestination, refuseContradictions } from "./mount_options.ts";
import { didYouMean } from "./nearest.ts";
import { maybeSize } from "./parse_size.ts";
import type { MountRequest } from "./request.ts";

/** Pairs of words: what is allowed, what is not. The second of each is the default, but a tmpfs is writable. */
const PAIRS = [["rw", "ro"], ["exec", "noexec"], ["suid", "nosuid"], ["dev", "nodev"]] as const;

/** The values that tmpfs(5) takes, and their form. */
const VALUES: Readonly<Record<string, { readonly form: RegExp; readonly hint: string }>> = {
  size: { form: /^[0-9]+[kmg%]?$/i, hint: "Write bytes, or a number with k, m, g or %, as in size=64m" },
  mode: { form: /^[0-7]{1,4}$/, hint: "Write octal digits, as in mode=1777" },
  nr_inodes: { form: /^[0-9]+[kmg]?$/i, hint: "Write a number, as in nr_inodes=10k" },
};
const WORDS: readonly string[] = [...PAIRS.flat(), ...Object.keys(VALUES)];

/**
 * Parses the value of --tmpfs. The default is docker's: rw, noexec, nosuid, nodev.
 *
 * @throws {CtrError} code "usage"
 */
export function parseTmpfs(text: string): MountRequest {
  const fail = mountError("tmpfs", text);
  const colon = text.indexOf(":");
  const path = colon < 0 ? text : text.slice(0, colon);
  const options = colon < 0 ? [] : text.slice(colon + 1).split(",");
  return tmpfsMount(parseDestination(path, fail), { options, fail });
}

/**
 * Builds a tmpfs from option words.
 *
 * @throws {CtrError} code "usage" for a word or value that tmpfs has not
 */
export function tmpfsMount(
  destination: string,
  { options, fail }: { readonly options: readonly string[]; readonly fail: FlagError },
): MountRequest {
  const names = options.map((option) => option.split("=", 1)[0] ?? "");
  for (const option of options) checkOption(option, fail);
  refuseContradictions(names, { groups: [...PAIRS, ...Object.keys(VALUES).map((name) => [name])], fail });
  const prohibitions = PAIRS.slice(1).flatMap(([allowed, not]) => names.includes(allowed) ? [] : [not]);
  return {
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: [
      names.includes("ro") ? "ro" : "rw",
      ...prohibitions,
      ...options.filter((option) => option.includes("=")),
    ],
  };
}

function checkOption(option: string, fail: FlagError): void {
  const equals = option.indexOf("=");
  const name = equals < 0 ? option : option.slice(0, equals);
  if (!WORDS.includes(name)) {
    throw fail(
      `there is no option ${JSON.stringify(name)}`,
      didYouMean(name, WORDS, `Choose from ${WORDS.join(" ")}`),
    );
  }
  const value = equals < 0 ? undefined : option.slice(equals + 1);
  const rule = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (rule === undefined && value !== undefined) throw fail(`"${name}" takes no value`);
  if (rule !== undefined && !rule.form.test(value ?? "")) {
    throw fail(`${JSON.stringify(value ?? "")} is no ${name}`, rule.hint);
  }
}

/**
 * Parses --shm-size; 0 is no limit, as in tmpfs(5) and with podman.
 *
 * @throws {CtrError} code "usage"
 */
export function parseShmSize(text: string): number {
  const size = maybeSize(text);
  if (size !== undefined) return size;
  throw new CtrError("usage", `Cannot use --shm-size ${JSON.stringify(text)}: it is no size`, {
    hint: "Write bytes, or a number with k, m or g, as in 64m",
  });
}
