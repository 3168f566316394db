/** Finds out as whom to ask a registry, where docker and podman keep it. Source: containers-auth.json(5). */

import { CtrError } from "../../errors.ts";
import { callerEnv } from "../../executable/caller_env.ts";
import { type AuthFile, authFileError, findInFile, helperOf, parseAuthFile } from "./auth_file.ts";
import { getFromHelper } from "./credential_helper.ts";

/** Who asks: a name with a password, or a token that the registry's service gave once. */
export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "token"; readonly identityToken: string };

/** Where credentials may be. */
export interface CredentialFiles {
  /** In the order in which they are asked; a missing one has none. */
  readonly paths: readonly string[];
  /** For the helpers that they name. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Lists the files: podman's auth.json, where $REGISTRY_AUTH_FILE stands for all others, then docker's config.json.
 * Pure.
 */
export function listCredentialFiles(env: CredentialFiles["env"], uid: number): CredentialFiles {
  const { REGISTRY_AUTH_FILE: only, XDG_RUNTIME_DIR: volatile, XDG_CONFIG_HOME: config, HOME: home } = env;
  if (only) return { paths: [only], env };
  const primary = volatile ? `${volatile}/containers/auth.json` : `/run/containers/${uid}/auth.json`;
  const own = home ? [`${config || `${home}/.config`}/containers/auth.json`] : [];
  return { paths: [primary, ...own, ...dockerConfig(env)], env };
}

/** Docker's own file. Pure. */
function dockerConfig({ DOCKER_CONFIG: named, HOME: home }: CredentialFiles["env"]): string[] {
  const directory = named || (home ? `${home}/.docker` : undefined);
  return directory === undefined ? [] : [`${directory}/config.json`];
}

/** Lists the caller's files. */
export function credentialFiles(): CredentialFiles {
  return listCredentialFiles(callerEnv(), Deno.uid() ?? 0);
}

/** Where a login is kept: the file that is read alone, or docker's own. @throws {CtrError} without a home */
export function loginFile(
  env: CredentialFiles["env"],
): { readonly path: string; readonly isDockers: boolean } {
  const { REGISTRY_AUTH_FILE: only } = env;
  if (only) return { path: only, isDockers: false };
  const [path] = dockerConfig(env);
  if (path !== undefined) return { path, isDockers: true };
  throw new CtrError("usage", "Cannot find the file for credentials: HOME is not set", {
    hint: "Set HOME, DOCKER_CONFIG or REGISTRY_AUTH_FILE",
  });
}

/** Credentials, and the file that has them or names who has. */
export interface FoundCredentials {
  readonly credentials: Credentials;
  readonly path: string;
}

/**
 * Finds the credentials for a repository: those of the first file that has any. In a file a helper that it names for the
 * registry comes first.
 *
 * @throws {CtrError} for a file that can't be read or is damaged, and for a helper that fails
 */
export async function findCredentials(
  files: CredentialFiles,
  registry: string,
  repository: string,
): Promise<Credentials | undefined> {
  return (await locateCredentials(files, registry, repository))?.credentials;
}

/** The same, with where they are. */
export async function locateCredentials(
  { paths, env }: CredentialFiles,
  registry: string,
  repository: string,
): Promise<FoundCredentials | undefined> {
  for (const path of paths) {
    const file = readAuthFile(path);
    if (file === undefined) continue;
    const helper = helperOf(file, registry);
    const found = helper === undefined ? undefined : await getFromHelper({ ...helper, path, env });
    const credentials = found ?? findInFile(file, registry, repository);
    if (credentials !== undefined) return { credentials, path };
  }
  return undefined;
}

/** Reads a file; undefined where there is none. @throws {CtrError} */
export function readAuthFile(path: string): AuthFile | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (isRootsOwn(path)) return undefined;
    const why = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : String(error);
    throw authFileError(path, why, "Make it readable, or remove it");
  }
  return parseAuthFile(text, path);
}

/** podman of root keeps everybody else out of /run/containers: a file of another user's can't be in there. */
function isRootsOwn(path: string): boolean {
  if (!path.startsWith("/run/containers/")) return false;
  try {
    Deno.statSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}
