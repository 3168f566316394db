/** Asks before much is removed. */

import { CtrError } from "../errors.ts";
import type { Session } from "./session.ts";

/** More than anybody types for yes or no. */
const MAX_BYTES = 1024;

/**
 * Asks on the terminal; true for y and yes.
 *
 * @throws {CtrError} code "usage" where nobody can be asked
 */
export function confirm(warning: string, { print }: Session): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new CtrError("usage", "Cannot ask whether to go on: standard input is no terminal", {
      hint: "Write --force where nothing shall be asked",
    });
  }
  print(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
  const bytes = new Uint8Array(MAX_BYTES);
  const count = Deno.stdin.readSync(bytes) ?? 0;
  return /^y(es)?$/i.test(new TextDecoder().decode(bytes.subarray(0, count)).trim());
}
