/**
 * Names of images, as people write them and as they are kept. Pure.
 * Source: github.com/distribution/reference, reference.go and normalize.go (the grammar); docker's rules for short names.
 */

import { CtrError } from "../errors.ts";

/** `REGISTRY/REPOSITORY[:TAG][@DIGEST]`, with nothing left to guess. */
export interface Reference {
  readonly registry: string;
  readonly repository: string;
  /** Absent only where there is a digest. */
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

const DEFAULT_REGISTRY = "docker.io";
/** Where images live that docker.io itself vouches for. */
const OFFICIAL = "library";
const DEFAULT_TAG = "latest";
const MAX_REPOSITORY = 255;

const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const REGISTRY =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** Whether a text is a digest as it is used here. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Whether a text can be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Parses `alpine`, `me/app:1.0`, `localhost:5000/app@sha256:…`. A name without a registry is docker.io's; a first part
 * is a registry where it could be no repository's: `localhost`, or one with a dot, a colon or a capital.
 *
 * @throws {CtrError} code "usage"
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw nameError(text, "its digest is not sha256: and 64 hexadecimal digits");
  }
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) throw nameError(text, `its tag ${JSON.stringify(tag)} is no tag`);
  const { registry, path } = splitRegistry(hasTag ? named.slice(0, colon) : named);
  if (!REGISTRY.test(registry)) throw nameError(text, `there can be no registry ${JSON.stringify(registry)}`);
  const isShort = registry === DEFAULT_REGISTRY && !path.includes("/");
  const repository = isShort ? `${OFFICIAL}/${path}` : path;
  refuseRepository(text, repository);
  return {
    registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: DEFAULT_TAG } : {}),
    ...(digest !== undefined && { digest }),
  };
}

function splitRegistry(name: string): { readonly registry: string; readonly path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  const isRegistry = slash >= 0 && (first === "localhost" || /[.:\[A-Z]/.test(first));
  if (!isRegistry) return { registry: DEFAULT_REGISTRY, path: name };
  const registry = first === "index.docker.io" ? DEFAULT_REGISTRY : first;
  return { registry, path: name.slice(slash + 1) };
}

function refuseRepository(text: string, repository: string): void {
  if (repository.length > MAX_REPOSITORY) {
    throw nameError(text, `it has more than ${MAX_REPOSITORY} characters`);
  }
  if (repository.split("/").every((part) => PART.test(part))) return;
  const why = /[A-Z]/.test(repository) ? "a repository has no capitals" : "it is no name of an image";
  throw nameError(text, why);
}

function nameError(text: string, why: string): CtrError {
  return new CtrError("usage", `Cannot use the image name ${JSON.stringify(text)}: ${why}`, {
    hint: "Write NAME[:TAG], as in alpine:3.20 or localhost:5000/app",
  });
}

/** The name as it is kept: `docker.io/library/alpine:latest`. */
export function fullName({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${
    digest === undefined ? "" : `@${digest}`
  }`;
}

/** A full name as docker shows it: `alpine:latest`, `alpine@sha256:…`. */
export function familiarText(full: string): string {
  const reference = parseReference(full);
  const { name, tag } = familiarName(reference);
  return reference.tag === undefined ? `${name}@${reference.digest}` : `${name}:${tag}`;
}

/** Name and tag as docker shows them: `alpine` and `latest`. */
export function familiarName(
  { registry, repository, tag }: Reference,
): { readonly name: string; readonly tag: string } {
  const isOfficial = registry === DEFAULT_REGISTRY && repository.startsWith(`${OFFICIAL}/`);
  const name = isOfficial
    ? repository.slice(OFFICIAL.length + 1)
    : registry === DEFAULT_REGISTRY
    ? repository
    : `${registry}/${repository}`;
  return { name, tag: tag ?? "<none>" };
}
