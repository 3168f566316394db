/** Keeps credentials, and forgets them: in a file as docker has it, or by the helper that the file names. */

import { awaitLock } from "../../../ffi/descriptor.ts";
import { openPath } from "../../../ffi/file.ts";
import { O } from "../../../ffi/machine.ts";
import { unwrap } from "../../../ffi/outcome.ts";
import { CtrError } from "../../errors.ts";
import {
  type AuthFile,
  encodeEntry,
  helperOf,
  parseAuthFile,
  serverKey,
  withEntry,
  withoutEntries,
} from "./auth_file.ts";
import { eraseFromHelper, listInHelper, storeInHelper } from "./credential_helper.ts";
import { type Credentials, readAuthFile } from "./credentials.ts";

/** Where credentials are kept. */
export interface LoginFile {
  readonly path: string;
  /** Whether it is docker's, who has a name of its own for docker.io. */
  readonly isDockers: boolean;
  /** For the helpers that it names. */
  readonly env: Readonly<Record<string, string>>;
}

/** Keeps credentials; tells whether they are in the file itself. @throws {CtrError} */
export async function keepCredentials(
  login: LoginFile,
  registry: string,
  credentials: Credentials,
): Promise<{ readonly isPlain: boolean }> {
  using held = holdFile(login.path);
  const key = login.isDockers ? serverKey(registry) : registry;
  const helper = helperOf(held.file, registry);
  if (helper !== undefined) await storeInHelper({ ...helper, ...login }, credentials);
  const entry = helper === undefined ? encodeEntry(credentials) : {};
  held.replace(withEntry(held.file, key, entry));
  return { isPlain: helper === undefined };
}

/** Forgets a registry; tells whether it was known. @throws {CtrError} */
export async function forgetCredentials(login: LoginFile, registry: string): Promise<boolean> {
  if (readAuthFile(login.path) === undefined) return false;
  using held = holdFile(login.path);
  const helper = helperOf(held.file, registry);
  const isErased = helper !== undefined && await eraseFromHelper({ ...helper, ...login });
  const without = withoutEntries(held.file, registry);
  if (without !== undefined) held.replace(without);
  return isErased || without !== undefined;
}

/** Forgets all registries. @throws {CtrError} */
export async function forgetAllCredentials(login: LoginFile): Promise<void> {
  if (readAuthFile(login.path) === undefined) return;
  using held = holdFile(login.path);
  const { credHelpers, credsStore, document } = held.file;
  for (const registry of Object.keys(credHelpers)) {
    const helper = helperOf(held.file, registry);
    if (helper !== undefined) await eraseFromHelper({ ...helper, ...login });
  }
  // Whoever has no helper of its own is the store's.
  const store = helperOf({ ...held.file, credHelpers: {} }, "");
  if (credsStore !== undefined && store !== undefined) {
    for (const server of await listInHelper({ ...store, ...login })) {
      await eraseFromHelper({ ...store, ...login, server });
    }
  }
  held.replace({ ...document, auths: {} });
}

/** A file that no other login changes meanwhile. */
interface HeldFile extends Disposable {
  readonly file: AuthFile;
  replace(document: Readonly<Record<string, unknown>>): void;
}

function holdFile(named: string): HeldFile {
  try {
    const path = targetOf(named);
    const directory = path.slice(0, path.lastIndexOf("/")) || "/";
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const fd = unwrap(openPath(directory, { flags: O.O_RDONLY | O.O_DIRECTORY }), `open ${directory}`);
    awaitLock(fd.number, "exclusive");
    return {
      file: readAuthFile(path) ?? parseAuthFile("{}", path),
      replace: (document) => replaceFile(path, JSON.stringify(document, null, "\t")),
      [Symbol.dispose]: () => fd[Symbol.dispose](),
    };
  } catch (cause) {
    throw wordsOf(named, cause);
  }
}

/** A link to the file stays a link. */
function targetOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  }
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(temporary, `${text}\n`, { mode: 0o600, createNew: true });
    keepOwner(path, temporary);
    Deno.renameSync(temporary, path);
  } catch (cause) {
    removeIfThere(temporary);
    throw wordsOf(path, cause);
  }
}

/** Root, who changes somebody's file, does not take it from them. */
function keepOwner(path: string, temporary: string): void {
  if (Deno.uid() !== 0) return;
  try {
    const { uid, gid } = Deno.statSync(path);
    if (uid !== null && gid !== null) Deno.chownSync(temporary, uid, gid);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function wordsOf(path: string, cause: unknown): unknown {
  if (cause instanceof CtrError || !(cause instanceof Error)) return cause;
  const why = cause.message.replace(/ \(os error.*$/s, "");
  return new CtrError("usage", `Cannot write credentials to ${JSON.stringify(path)}: ${why}`, {
    hint: "Make it writable, or name another file by DOCKER_CONFIG=DIR or REGISTRY_AUTH_FILE=FILE",
    cause,
  });
}
