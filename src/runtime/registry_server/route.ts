/** What a request to a registry is about, by its path. Pure. Source: OCI distribution-spec 1.1, "Endpoints". */

import { fullName, isDigest, isTag, parseReference } from "../../image/reference.ts";
import { Refusal } from "./refusal.ts";

/** Images of one name. */
export interface Repository {
  /** As the request has it. */
  readonly asked: string;
  /** `REGISTRY/REPOSITORY`, as names in the store begin. */
  readonly full: string;
}

/** A tag or a digest of a repository. */
export type Tagged = { readonly tag: string } | { readonly digest: string };

/** What is asked for. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: Repository }
  | { readonly kind: "manifest"; readonly repository: Repository; readonly tagged: Tagged }
  | { readonly kind: "blob"; readonly repository: Repository; readonly digest: string }
  | { readonly kind: "uploads"; readonly repository: Repository }
  | { readonly kind: "upload"; readonly repository: Repository; readonly id: string };

type Make = (repository: Repository, last: string) => Route;

/** The first that fits is it. A name is checked when it is known to be one. */
const PATHS: readonly (readonly [pattern: RegExp, make: Make])[] = [
  [/^(.+)\/tags\/list$/, (repository) => ({ kind: "tags", repository })],
  [
    /^(.+)\/manifests\/([^/]+)$/,
    (repository, last) => ({ kind: "manifest", repository, tagged: parseTagged(last) }),
  ],
  [/^(.+)\/blobs\/uploads\/?$/, (repository) => ({ kind: "uploads", repository })],
  [/^(.+)\/blobs\/uploads\/([0-9a-f-]{36})$/, (repository, id) => ({ kind: "upload", repository, id })],
  [/^(.+)\/blobs\/([^/]+)$/, (repository, last) => ({ kind: "blob", repository, digest: parseDigest(last) })],
];

/** Reads a path; undefined for what no registry has. @throws {Refusal} for a name or a digest that is none */
export function parseRoute(pathname: string): Route | undefined {
  const path = decode(pathname);
  if (/^\/v2\/?$/.test(path)) return { kind: "base" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  if (!path.startsWith("/v2/")) return undefined;
  for (const [pattern, make] of PATHS) {
    const [, name, last = ""] = pattern.exec(path.slice("/v2/".length)) ?? [];
    if (name !== undefined) return make(parseRepository(name), last);
  }
  return undefined;
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new Refusal(400, "NAME_INVALID", "the path is not encoded as a URL");
  }
}

/** Reads a name by docker's rules: `alpine`, `library/alpine` and `docker.io/library/alpine` are the same. */
export function parseRepository(asked: string): Repository {
  try {
    const { tag: _, ...reference } = parseReference(`${asked}:latest`);
    return { asked, full: fullName(reference) };
  } catch {
    throw new Refusal(
      400,
      "NAME_INVALID",
      `${JSON.stringify(asked.slice(0, 256))} is no name of a repository`,
    );
  }
}

/** Reads a digest. @throws {Refusal} */
export function parseDigest(text: string): string {
  if (isDigest(text)) return text;
  throw new Refusal(400, "DIGEST_INVALID", "a digest is sha256: and 64 hexadecimal digits");
}

function parseTagged(text: string): Tagged {
  if (text.includes(":")) return { digest: parseDigest(text) };
  if (isTag(text)) return { tag: text };
  throw new Refusal(400, "MANIFEST_INVALID", `${JSON.stringify(text.slice(0, 200))} is no tag`);
}
