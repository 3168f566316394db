/**
 * Where the images of a name are really fetched from: what an administrator has written in registries.conf. Pure.
 * Source: containers-registries.conf(5).
 */

import { CtrError } from "../../errors.ts";
import { fullName, parseReference, type Reference } from "../reference.ts";

/** A place where images are. */
export interface Location {
  /** What takes the place of the prefix; absent where the name stays as it is. */
  readonly location?: string;
  /** Whether HTTP, or a certificate of nobody known, will do. */
  readonly isInsecure: boolean;
}

/** A place that has copies. */
export interface Mirror extends Location {
  readonly pullFrom: "all" | "digest-only" | "tag-only";
}

/** What is written about all names that begin in one way. */
export interface RegistryRule extends Location {
  /** `host`, `host/ns`, `host/ns/repo`, with a tag or a digest, or `*.host`. */
  readonly prefix: string;
  readonly isBlocked: boolean;
  readonly mirrors: readonly Mirror[];
}

/** All that is written. */
export interface RegistriesConf {
  readonly rules: readonly RegistryRule[];
  /** Names without a registry, and what they stand for: neither has a tag. */
  readonly aliases: Readonly<Record<string, string>>;
  /** What is written and not used. */
  readonly notes: readonly string[];
}

/** An image where it is fetched from. */
export interface Source extends Reference {
  readonly isInsecure: boolean;
}

export const NO_CONF: RegistriesConf = { rules: [], aliases: {}, notes: [] };

/**
 * Parses a name as parseReference() does, and looks first whether a name without a registry is an alias. What is none is
 * docker.io's, whatever `unqualified-search-registries` says.
 *
 * @throws {CtrError} code "usage"
 */
export function resolveName(text: string, { aliases }: RegistriesConf): Reference {
  const [, name = text, rest = ""] = /^([^@]*?)((?::[^/:@]*)?(?:@.*)?)$/.exec(text) ?? [];
  return parseReference(Object.hasOwn(aliases, name) ? `${aliases[name]}${rest}` : text);
}

/**
 * Lists where an image may be fetched from, in the order of trial: mirrors, then the place itself.
 *
 * @throws {CtrError} code "bad_state" where its registry is blocked, and "usage" where a place is no name of an image
 */
export function resolveSources(reference: Reference, conf: RegistriesConf): readonly Source[] {
  const name = fullName(reference);
  const rule = findRule(name, conf);
  if (rule === undefined) return [{ ...reference, isInsecure: false }];
  refuseBlocked(name, rule);
  const only = reference.digest === undefined ? "tag-only" : "digest-only";
  const mirrors = rule.mirrors.filter(({ pullFrom }) => pullFrom === "all" || pullFrom === only);
  return [...mirrors, rule].map((place) => moveTo(place, reference, rule));
}

/** Says how an image is pushed: to the registry of its name, never to another place. @throws {CtrError} as above */
export function resolveTarget(reference: Reference, conf: RegistriesConf): Source {
  const name = fullName(reference);
  const rule = findRule(name, conf);
  if (rule !== undefined) refuseBlocked(name, rule);
  return { ...reference, isInsecure: rule?.isInsecure ?? false };
}

function refuseBlocked(name: string, { isBlocked, prefix }: RegistryRule): void {
  if (!isBlocked) return;
  throw new CtrError("bad_state", `Cannot use ${name}: registries.conf blocks ${JSON.stringify(prefix)}`, {
    hint: "Use an image from elsewhere, or ask whoever wrote registries.conf",
  });
}

/** The rule that says most about a name. */
function findRule(name: string, { rules }: RegistriesConf): RegistryRule | undefined {
  return rules.filter(({ prefix }) => matchLength(name, prefix) !== undefined)
    .reduce<RegistryRule | undefined>(
      (best, rule) => best === undefined || rule.prefix.length > best.prefix.length ? rule : best,
      undefined,
    );
}

/** How much of a name is a prefix's; undefined where it is another name. */
function matchLength(name: string, prefix: string): number | undefined {
  const host = name.slice(0, name.indexOf("/"));
  if (prefix.startsWith("*.")) {
    return host.replace(/:\d+$/, "").endsWith(prefix.slice(1)) ? host.length : undefined;
  }
  if (name === prefix) return name.length;
  // A colon behind a host begins a port: that is another registry.
  const ends = prefix.includes("/") ? "/:@" : "/";
  const isPrefix = name.startsWith(prefix) && ends.includes(name.charAt(prefix.length));
  return isPrefix ? prefix.length : undefined;
}

function moveTo({ location, isInsecure }: Location, reference: Reference, { prefix }: RegistryRule): Source {
  if (location === undefined || location === prefix) return { ...reference, isInsecure };
  const name = fullName(reference);
  const moved = parseReference(location + name.slice(matchLength(name, prefix)));
  return { ...moved, isInsecure };
}
