/** Files that a flag names: what is wrong with one is the user's to mend. */

import { CtrError } from "../errors.ts";
import { parseEnvFile } from "../spec/parse_env.ts";
import type { EnvSetting } from "../spec/request.ts";

/** Reads a text. `what` stands in the message: `environment file`. @throws {CtrError} code "usage" */
export function readGiven(path: string, { what, hint }: { what: string; hint: string }): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CtrError("usage", `Cannot read the ${what} "${path}": ${stateOf(cause)}`, { hint, cause });
  }
}

/** Why a path can't be read, in words. */
export function stateOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return "it can not be read";
}

/** Reads a file of --env-file. @throws {CtrError} where it can't be read, or is none */
export function readEnvFile(path: string): readonly EnvSetting[] {
  return parseEnvFile(
    readGiven(path, { what: "environment file", hint: "Check the path behind --env-file" }),
  );
}
