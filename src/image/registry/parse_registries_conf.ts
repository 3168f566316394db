/** Reads registries.conf, in its second format. Pure. Source: containers-registries.conf(5), containers-registries.conf.d(5). */

import { parse, TomlError } from "smol-toml";
import { CtrError } from "../../errors.ts";
import { fullName, parseReference } from "../reference.ts";
import type { Mirror, RegistriesConf, RegistryRule } from "./registries_conf.ts";

type Table = Readonly<Record<string, unknown>>;

/** Names without a registry are docker.io's here, so that there is nothing to search and nothing to ask. */
const MEANINGLESS: readonly string[] = ["unqualified-search-registries", "short-name-mode"];
const RULE_KEYS: readonly string[] = [
  "prefix",
  "location",
  "insecure",
  "blocked",
  "mirror",
  "mirror-by-digest-only",
];
const MIRROR_KEYS: readonly string[] = ["location", "insecure", "pull-from-mirror"];
const PULL_FROM = ["all", "digest-only", "tag-only"] as const;

/** `host`, `host:port`, and what may follow. */
const PLACE = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?(?:\/[^\s]+)?$/;
const WILDCARD = /^\*\.[A-Za-z0-9.-]+$/;

/** What of one file is wrong, and what of it is not used. */
class Reader {
  readonly notes: string[] = [];
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  refuse(why: string, hint = "See containers-registries.conf(5)"): never {
    throw new CtrError("usage", `Cannot use ${JSON.stringify(this.path)}: ${why}`, { hint });
  }

  noteUnused(where: string, table: Table, known: readonly string[]): void {
    const unused = Object.keys(table).filter((key) => !known.includes(key));
    for (const key of unused) this.notes.push(`${this.path}: ${where}${key} is not used`);
  }

  text(where: string, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    return typeof value === "string" ? value : this.refuse(`${where} is no text`);
  }

  flag(where: string, value: unknown): boolean {
    if (value === undefined) return false;
    return typeof value === "boolean" ? value : this.refuse(`${where} is neither true nor false`);
  }

  table(where: string, value: unknown): Table {
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value) &&
      !(value instanceof Date);
    return isTable ? value as Table : this.refuse(`${where} is no table`);
  }

  tables(where: string, value: unknown): readonly Table[] {
    if (value === undefined) return [];
    return Array.isArray(value)
      ? value.map((each) => this.table(where, each))
      : this.refuse(`${where} is no list of tables`, `Write [[${where}]]`);
  }

  /** Reads a host, with or without what follows it; an empty one is absent. */
  place(where: string, value: unknown): string | undefined {
    const text = this.text(where, value)?.replace(/\/+$/, "");
    if (text === undefined || text === "") return undefined;
    if (/^https?:\/\//.test(text)) {
      this.refuse(`${where} ${JSON.stringify(text)} is a URL`, "Write a host, without http:// and https://");
    }
    const [host = ""] = text.split("/", 1);
    const isHost = PLACE.test(text) && (host === "localhost" || /[.:A-Z]/.test(host));
    return isHost ? text : this.refuse(`${where} ${JSON.stringify(text)} does not begin with a registry`);
  }
}

/** Reads one file; `path` is for what is said about it. @throws {CtrError} code "usage" */
export function parseRegistriesConf(text: string, path: string): RegistriesConf {
  const reader = new Reader(path);
  const table = parseToml(text, reader);
  if (table.registries !== undefined) {
    reader.refuse("it has the first format, [registries.…]", "Write it with [[registry]]");
  }
  reader.noteUnused("", table, ["registry", "aliases", ...MEANINGLESS]);
  const rules = reader.tables("registry", table.registry).map((each) => readRule(each, reader));
  return {
    rules: rules.filter(({ prefix }, index) => rules.findIndex((each) => each.prefix === prefix) === index),
    aliases: readAliases(reader.table("aliases", table.aliases ?? {}), reader),
    notes: reader.notes,
  };
}

function parseToml(text: string, reader: Reader): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "");
    return reader.refuse(`line ${error.line} is no TOML: ${why}`);
  }
}

function readRule(table: Table, reader: Reader): RegistryRule {
  reader.noteUnused("registry.", table, RULE_KEYS);
  const typed = reader.text("prefix", table.prefix)?.replace(/\/+$/, "");
  const location = reader.place("location", table.location);
  const isWildcard = typed?.startsWith("*.") ?? false;
  if (isWildcard && !WILDCARD.test(typed!)) {
    reader.refuse(`prefix ${JSON.stringify(typed)} is not of the form "*.example.com"`);
  }
  const prefix = isWildcard ? typed : reader.place("prefix", typed) ?? location;
  if (prefix === undefined) return reader.refuse("a registry has neither prefix nor location");
  const isByDigest = reader.flag("mirror-by-digest-only", table["mirror-by-digest-only"]);
  return {
    prefix,
    ...(location !== undefined && { location }),
    isInsecure: reader.flag("insecure", table.insecure),
    isBlocked: reader.flag("blocked", table.blocked),
    mirrors: reader.tables("registry.mirror", table.mirror).map((each) =>
      readMirror(each, isByDigest, reader)
    ),
  };
}

function readMirror(table: Table, isByDigest: boolean, reader: Reader): Mirror {
  reader.noteUnused("registry.mirror.", table, MIRROR_KEYS);
  const location = reader.place("mirror location", table.location) ??
    reader.refuse("a mirror has no location");
  const typed = reader.text("pull-from-mirror", table["pull-from-mirror"]) || undefined;
  const pullFrom = PULL_FROM.find((each) => each === (typed ?? "all")) ??
    reader.refuse(`pull-from-mirror is ${JSON.stringify(typed)}`, `Use ${PULL_FROM.join(", ")}`);
  if (isByDigest && typed !== undefined) {
    reader.refuse("mirror-by-digest-only and pull-from-mirror stand together", "Leave one of them out");
  }
  const isInsecure = reader.flag("insecure", table.insecure);
  return { location, isInsecure, pullFrom: isByDigest ? "digest-only" : pullFrom };
}

/** An empty value takes an alias of another file back: it is kept until the files are merged. */
function readAliases(table: Table, reader: Reader): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(table)) {
    const target = reader.text(`alias ${JSON.stringify(name)}`, value)!;
    if (!isShort(name)) {
      reader.refuse(`alias ${JSON.stringify(name)} is no name without a registry and a tag`);
    }
    if (target !== "" && !isFull(target)) {
      reader.refuse(
        `alias ${JSON.stringify(name)} leads to ${
          JSON.stringify(target)
        }, no name with a registry and without a tag`,
      );
    }
  }
  return table as Readonly<Record<string, string>>;
}

function isShort(name: string): boolean {
  const full = canonical(name);
  return full === `docker.io/${name}:latest` || full === `docker.io/library/${name}:latest`;
}

function isFull(name: string): boolean {
  const isOfficial = /^docker\.io\/[^/]+$/.test(name);
  const full = isOfficial ? name.replace("/", "/library/") : name;
  return name.includes("/") && canonical(name) === `${full}:latest`;
}

function canonical(name: string): string | undefined {
  try {
    return fullName(parseReference(name));
  } catch {
    return undefined;
  }
}

/** Puts files together; what a later one says about a prefix or a name is what counts. */
export function mergeRegistriesConf(files: readonly RegistriesConf[]): RegistriesConf {
  const rules = new Map(files.flatMap((file) => file.rules).map((rule) => [rule.prefix, rule]));
  const aliases = Object.assign(Object.create(null), ...files.map((file) => file.aliases)) as Record<
    string,
    string
  >;
  return {
    rules: [...rules.values()],
    aliases: Object.fromEntries(Object.entries(aliases).filter(([, target]) => target !== "")),
    notes: files.flatMap((file) => file.notes),
  };
}
