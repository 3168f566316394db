/**
 * Files with credentials, as docker and podman write them: what stands in them for a repository. Pure.
 * Source: containers-auth.json(5); docker/cli, cli/config/configfile/file.go.
 */

import { CtrError } from "../../errors.ts";
import type { Credentials } from "./credentials.ts";

/** A file with credentials, of docker or of podman. */
export interface AuthFile {
  readonly path: string;
  /** All of it, also what is about something else. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly auths: Readonly<Record<string, unknown>>;
  /** Names of helpers by registry: `docker-credential-NAME` is the program. */
  readonly credHelpers: Readonly<Record<string, unknown>>;
  /** The helper for every other registry. */
  readonly credsStore: string | undefined;
}

/** Who to ask, and for what. */
export interface HelperUse {
  readonly kind: "helper";
  readonly name: string;
  /** As the helper knows the registry. */
  readonly server: string;
}

/** The name of docker.io's registry in references, and what docker has called it since its first version. */
const HUB = { name: "docker.io", key: "https://index.docker.io/v1/" } as const;
const HUB_HOSTS: ReadonlySet<string> = new Set([HUB.name, "index.docker.io", "registry-1.docker.io"]);

/** It becomes a part of a program's name. */
const HELPER_NAME = /^[A-Za-z0-9][\w.-]*$/;

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands in the file is not what should. */
export function authFileError(path: string, why: string, hint = "Mend the file, or remove it"): CtrError {
  return new CtrError("usage", `Cannot read credentials from ${JSON.stringify(path)}: ${why}`, { hint });
}

/** Reads the parts of the file that are about credentials. @throws {CtrError} code "usage" */
export function parseAuthFile(text: string, path: string): AuthFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw authFileError(path, "it is no JSON");
  }
  if (!isObject(value)) throw authFileError(path, "it is no JSON object");
  const table = (name: string): Json => {
    const found = value[name] ?? {};
    if (isObject(found)) return found;
    throw authFileError(path, `"${name}" is no object`);
  };
  const credsStore = value.credsStore ?? undefined;
  if (credsStore !== undefined && typeof credsStore !== "string") {
    throw authFileError(path, '"credsStore" is no text');
  }
  return {
    path,
    document: value,
    auths: table("auths"),
    credHelpers: table("credHelpers"),
    credsStore: credsStore === "" ? undefined : credsStore,
  };
}

/** How docker calls a registry, where a helper or a file of its own keeps credentials. */
export function serverKey(registry: string): string {
  return HUB_HOSTS.has(registry) ? HUB.key : registry;
}

/** Whether a key is a registry's: with or without what is around the name in a URL. */
export function isKeyOf(key: string, registry: string): boolean {
  const host = key.replace(/^https?:\/\//, "");
  const name = host === key ? key : host.split("/", 1)[0]!;
  return name === registry || HUB_HOSTS.has(name) && HUB_HOSTS.has(registry);
}

/** Names the helper that keeps a registry's credentials, where one does. @throws {CtrError} code "usage" */
export function helperOf(file: AuthFile, registry: string): HelperUse | undefined {
  const { credHelpers, credsStore, path } = file;
  const key = Object.hasOwn(credHelpers, registry)
    ? registry
    : Object.keys(credHelpers).find((each) => isKeyOf(each, registry));
  // An empty name takes a registry out of credsStore.
  const name = key === undefined ? credsStore : credHelpers[key];
  if (name === undefined || name === "" || name === null) return undefined;
  if (typeof name !== "string" || !HELPER_NAME.test(name)) {
    throw authFileError(path, `${JSON.stringify(name)} is no name of a credential helper`);
  }
  return { kind: "helper", name, server: key ?? serverKey(registry) };
}

/**
 * Finds what a file itself has for a repository: under the name that says most, as in `host/ns/repo`, `host/ns`, `host`.
 * An entry without anything in it, which docker leaves where a helper has the rest, is none.
 *
 * @throws {CtrError} code "usage" where the entry is damaged
 */
export function findInFile(file: AuthFile, registry: string, repository: string): Credentials | undefined {
  const { auths, path } = file;
  const keys = [
    ...repositoryKeys(registry, repository),
    ...Object.keys(auths).filter((key) => isKeyOf(key, registry)),
  ];
  for (const key of keys) {
    const found = Object.hasOwn(auths, key) ? readEntry(auths[key], key, path) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function repositoryKeys(registry: string, repository: string): string[] {
  const parts = repository === "" ? [] : repository.split("/");
  const paths = parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
  return [...paths.map((each) => `${registry}/${each}`), registry];
}

function readEntry(entry: unknown, key: string, path: string): Credentials | undefined {
  const refuse = (why: string): never => {
    const hint = `Write "myctr login ${key}", or mend the file`;
    throw authFileError(path, `the entry ${JSON.stringify(key)} ${why}`, hint);
  };
  if (!isObject(entry)) return refuse("is no object");
  const text = (name: string): string => {
    const value = entry[name] ?? "";
    return typeof value === "string" ? value : refuse(`has no text as "${name}"`);
  };
  const identityToken = text("identitytoken");
  if (identityToken !== "") return { kind: "token", identityToken };
  const auth = text("auth");
  if (auth !== "") return decodeAuth(auth) ?? refuse('has an "auth" that is not NAME:PASSWORD in base64');
  const [username, password] = [text("username"), text("password")];
  if (username !== "" && password !== "") return { kind: "basic", username, password };
  return text("registrytoken") === "" ? undefined : refuse('has a "registrytoken", which myctr does not use');
}

/** Decodes `NAME:PASSWORD`; undefined where it is none. */
function decodeAuth(auth: string): Credentials | undefined {
  let text: string;
  try {
    const bytes = Uint8Array.fromBase64(auth, { lastChunkHandling: "strict" });
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  if (colon < 1 || /\s/.test(auth)) return undefined;
  // Old versions of docker filled the password up with zeros.
  const password = text.slice(colon + 1).replace(/\0+$/, "");
  return { kind: "basic", username: text.slice(0, colon), password };
}

/** Gives the document with credentials for a registry under a key, in place of those under other keys of it. */
export function withEntry(file: AuthFile, key: string, entry: Json): Json {
  const auths = withoutKeys(file.auths, (each) => isKeyOf(each, registryOf(key)));
  return { ...file.document, auths: { ...auths, [key]: entry } };
}

/** Gives the document without credentials for a registry; undefined where it has none. */
export function withoutEntries(file: AuthFile, registry: string): Json | undefined {
  const auths = withoutKeys(file.auths, (each) => isKeyOf(each, registry));
  const isSame = Object.keys(auths).length === Object.keys(file.auths).length;
  return isSame ? undefined : { ...file.document, auths };
}

function withoutKeys(auths: Json, isGone: (key: string) => boolean): Json {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !isGone(key)));
}

function registryOf(key: string): string {
  return key === HUB.key ? HUB.name : key;
}

/** An entry as docker writes it. */
export function encodeEntry(credentials: Credentials): Json {
  if (credentials.kind === "token") return { identitytoken: credentials.identityToken };
  const { username, password } = credentials;
  return { auth: new TextEncoder().encode(`${username}:${password}`).toBase64() };
}
