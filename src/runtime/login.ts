/** `myctr login` and `logout`: whether a registry knows somebody, and where that is kept. */

import { callerEnv } from "../executable/caller_env.ts";
import { CtrError } from "../errors.ts";
import {
  credentialFiles,
  type Credentials,
  locateCredentials,
  loginFile,
} from "../image/registry/credentials.ts";
import { serverKey } from "../image/registry/auth_file.ts";
import {
  forgetAllCredentials,
  forgetCredentials,
  keepCredentials,
  type LoginFile,
} from "../image/registry/keep_credentials.ts";
import { loadRegistriesConf } from "../image/registry/load_registries_conf.ts";
import { resolveTarget } from "../image/registry/registries_conf.ts";
import { parseReference } from "../image/reference.ts";
import { note } from "./note.ts";
import { openRegistryAs } from "./registry_client.ts";

const HUB = "docker.io";

/**
 * Reads the name of a registry as people type it, also as a URL; docker.io without one.
 *
 * @throws {CtrError} code "usage"
 */
export function parseRegistry(text: string | undefined): string {
  if (text === undefined || text === "") return HUB;
  const host = text.replace(/^https?:\/\//, "");
  const [name = "", ...path] = host.split("/");
  const isUrl = host !== text;
  // Docker's own name for docker.io is a URL with a path.
  if (name !== "" && (isUrl || path.join("") === "")) {
    const registry = registryNamed(name);
    if (registry !== undefined) return registry;
  }
  throw new CtrError("usage", `Cannot use registry ${JSON.stringify(text)}: that is none`, {
    hint: "Write a host with a dot or a port, as in ghcr.io or localhost:5000",
  });
}

function registryNamed(name: string): string | undefined {
  try {
    const { registry } = parseReference(`${name}/name/of-image`);
    return registry === name || serverKey(name) === serverKey(registry) ? registry : undefined;
  } catch {
    return undefined;
  }
}

/** The name that a login had, and whether it still is one. */
export async function findLogin(registry: string): Promise<Credentials | undefined> {
  return (await locateCredentials(credentialFiles(), registry, ""))?.credentials;
}

/** Asks a registry whether it knows somebody. @throws {CtrError} code "bad_state" where it does not */
export async function verifyLogin(registry: string, credentials: Credentials): Promise<void> {
  const conf = await loadRegistriesConf();
  conf.notes.forEach(note);
  const { isInsecure } = resolveTarget(parseReference(`${registry}/name/of-image`), conf);
  using client = openRegistryAs({ registry, isInsecure }, credentials);
  const response = await client.ask({ path: "/v2/", what: `log in to ${registry}`, expected: [401] });
  await response.body?.cancel();
  if (response.status !== 401) return;
  throw new CtrError(
    "bad_state",
    `Cannot log in to ${registry}: it does not know this name with this password`,
    {
      hint: "Check both; some registries want a token in place of the password",
    },
  );
}

/** Keeps a login; gives the file where it can be read, undefined where a helper has it. */
export async function keepLogin(registry: string, credentials: Credentials): Promise<string | undefined> {
  const login = ownFile();
  const { isPlain } = await keepCredentials(login, registry, credentials);
  const found = await locateCredentials(credentialFiles(), registry, "");
  if (found !== undefined && JSON.stringify(found.credentials) !== JSON.stringify(credentials)) {
    note(`${found.path} has another login for ${registry}, and is asked first: take it out of there`);
  }
  return isPlain ? login.path : undefined;
}

/** Forgets a login; tells whether there was one. */
export async function forgetLogin(registry: string): Promise<boolean> {
  const isForgotten = await forgetCredentials(ownFile(), registry);
  const left = await locateCredentials(credentialFiles(), registry, "");
  if (left !== undefined) note(`${left.path} still has a login for ${registry}`);
  return isForgotten;
}

/** Forgets all logins. */
export async function forgetAllLogins(): Promise<void> {
  await forgetAllCredentials(ownFile());
}

function ownFile(): LoginFile {
  const env = callerEnv();
  return { ...loginFile(env), env };
}
