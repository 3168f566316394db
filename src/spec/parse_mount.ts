/** Parses `--mount type=bind|volume|tmpfs,KEY=VALUE,…`. Pure. */

import { CtrError } from "../errors.ts";
import { type FlagError, mountError, parseDestination, PROPAGATION_WORDS } from "./mount_options.ts";
import { didYouMean } from "./nearest.ts";
import { tmpfsMount } from "./parse_tmpfs.ts";
import type { MountRequest } from "./request.ts";
import { splitCsv } from "./split_csv.ts";

/** Every key that is understood, and the one that it stands for. */
const KEYS: Readonly<Record<string, string>> = {
  "type": "type",
  "source": "source",
  "src": "source",
  "destination": "destination",
  "dst": "destination",
  "target": "destination",
  "readonly": "readonly",
  "ro": "readonly",
  "bind-propagation": "bind-propagation",
  "bind-recursive": "bind-recursive",
  "tmpfs-size": "tmpfs-size",
  "tmpfs-mode": "tmpfs-mode",
  "volume-nocopy": "volume-nocopy",
  "volume-driver": "volume-driver",
};

/** Keys besides type, destination and readonly that a type takes. */
const KEYS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  bind: ["source", "bind-propagation", "bind-recursive"],
  tmpfs: ["tmpfs-size", "tmpfs-mode"],
  volume: ["source", "volume-nocopy", "volume-driver"],
};
const KEYS_OF_ALL: readonly string[] = ["type", "destination", "readonly"];

/** Types that docker or podman know and myctr does not yet. */
const LATER_TYPES: readonly string[] = [
  "image",
  "devpts",
  "ramfs",
  "glob",
  "artifact",
  "npipe",
  "cluster",
];
const FORM =
  "Write type=bind,source=PATH,target=PATH, type=volume,source=NAME,target=PATH or type=tmpfs,target=PATH";

type Fields = ReadonlyMap<string, string>;

/**
 * Parses the value of --mount, which is one line of comma separated values; `"…"` protects a comma.
 *
 * @throws {CtrError} code "usage", or "unsupported" for types that are not there yet
 */
export function parseMount(text: string): MountRequest {
  const fail = mountError("mount", text);
  const fields = parseFields(text, fail);
  const type = parseType(fields.get("type") ?? "volume", fail);
  for (const key of fields.keys()) {
    if (KEYS_OF_ALL.includes(key) || KEYS_OF_TYPE[type]?.includes(key)) continue;
    throw fail(`"${key}" is not for type ${type}`);
  }
  const destination = parseDestination(required(fields, { key: "destination", fail }), fail);
  if (type === "volume") return volumeMount(destination, { fields, fail });
  return type === "bind"
    ? bindMount(destination, { fields, fail })
    : tmpfsMount(destination, { options: tmpfsOptions(fields), fail });
}

function parseFields(text: string, fail: FlagError): Fields {
  const words = splitCsv(text);
  if (words === undefined) throw fail("its quotes are wrong", 'Write "…" around the whole KEY=VALUE');
  const fields = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    const typed = equals < 0 ? word : word.slice(0, equals);
    const key = parseKey(typed, fail);
    if (fields.has(key)) throw fail(`"${key}" is there twice`);
    fields.set(key, parseValue(key, { value: equals < 0 ? undefined : word.slice(equals + 1), fail }));
  }
  return fields;
}

function parseKey(typed: string, fail: FlagError): string {
  if (typed !== typed.trim()) {
    throw fail(`there is a blank around ${JSON.stringify(typed)}`, "Leave blanks out");
  }
  const key = Object.hasOwn(KEYS, typed) ? KEYS[typed] : undefined;
  if (key !== undefined) return key;
  throw fail(`there is no key ${JSON.stringify(typed)}`, didYouMean(typed, Object.keys(KEYS), FORM));
}

function parseValue(
  key: string,
  { value, fail }: { readonly value: string | undefined; readonly fail: FlagError },
): string {
  if (key === "readonly" || key === "volume-nocopy") return parseBoolean(key, value ?? "true", fail);
  if (value === undefined || value === "") throw fail(`"${key}" has no value`, FORM);
  if (value !== value.trim()) {
    throw fail(`there is a blank around ${JSON.stringify(value)}`, "Leave blanks out");
  }
  return value;
}

function parseBoolean(key: string, value: string, fail: FlagError): string {
  if (value === "true" || value === "1") return "true";
  if (value === "false" || value === "0") return "false";
  throw fail(
    `${JSON.stringify(value)} is neither true nor false`,
    `Write ${key}, ${key}=true or ${key}=false`,
  );
}

function parseType(type: string, fail: FlagError): string {
  if (Object.hasOwn(KEYS_OF_TYPE, type)) return type;
  if (LATER_TYPES.includes(type)) {
    throw new CtrError("unsupported", `Cannot use a mount of type "${type}": it is not there yet`, {
      hint: FORM,
    });
  }
  throw fail(`there is no type ${JSON.stringify(type)}`, didYouMean(type, Object.keys(KEYS_OF_TYPE), FORM));
}

interface FieldsContext {
  readonly fields: Fields;
  readonly fail: FlagError;
}

function required(fields: Fields, { key, fail }: { readonly key: string; readonly fail: FlagError }): string {
  const value = fields.get(key);
  if (value === undefined) throw fail(`"${key}" is missing`, FORM);
  return value;
}

function bindMount(destination: string, { fields, fail }: FieldsContext): MountRequest {
  const propagation = fields.get("bind-propagation") ?? "rprivate";
  if (!PROPAGATION_WORDS.some((word) => word === propagation)) {
    throw fail(
      `there is no propagation ${JSON.stringify(propagation)}`,
      `Choose from ${PROPAGATION_WORDS.join(" ")}`,
    );
  }
  const isReadonly = fields.get("readonly") === "true";
  const depth = bindDepth({ fields, fail });
  return {
    destination,
    type: "bind",
    source: required(fields, { key: "source", fail }),
    options: [depth, propagation, ...(isReadonly ? ["ro"] : [])],
  };
}

/** A read-only recursive bind makes its submounts read-only too: `readonly` says no more than `enabled`. */
function bindDepth({ fields, fail }: FieldsContext): string {
  const recursive = fields.get("bind-recursive") ?? "enabled";
  const isReadonly = fields.get("readonly") === "true";
  if (recursive === "enabled") return "rbind";
  if (recursive === "disabled") return "bind";
  if (recursive === "readonly" && isReadonly) return "rbind";
  if (recursive === "readonly") throw fail('"bind-recursive=readonly" needs "readonly"');
  throw fail(
    `there is no bind-recursive ${JSON.stringify(recursive)}`,
    "Choose from enabled disabled readonly",
  );
}

function volumeMount(destination: string, { fields, fail }: FieldsContext): MountRequest {
  const source = fields.get("source") ?? "";
  if (source !== "" && !/^[A-Za-z0-9][\w.-]*$/.test(source)) {
    throw fail(
      `${JSON.stringify(source)} is not the name of a volume`,
      "Use type=bind for a directory of this machine",
    );
  }
  const driver = fields.get("volume-driver") ?? "local";
  if (driver !== "local") {
    throw fail(`there is no driver ${JSON.stringify(driver)}`, "Leave out volume-driver");
  }
  const options = [
    ...(fields.get("readonly") === "true" ? ["ro"] : []),
    ...(fields.get("volume-nocopy") === "true" ? ["nocopy"] : []),
  ];
  return { destination, type: "volume", source, options };
}

function tmpfsOptions(fields: Fields): readonly string[] {
  const options = fields.get("readonly") === "true" ? ["ro"] : [];
  for (const name of ["size", "mode"]) {
    const value = fields.get(`tmpfs-${name}`);
    if (value !== undefined) options.push(`${name}=${value}`);
  }
  return options;
}
