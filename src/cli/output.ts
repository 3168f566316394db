/** Writes to standard output and standard error. */

import { CtrError } from "../errors.ts";

/**
 * Writes text to standard output. Where its reader has gone away, as in `myctr list | head -1`, the rest is
 * dropped quietly, and the command goes on.
 *
 * @throws {CtrError} code "bad_state" when it can't be written for another reason
 */
export function printText(text: string): void {
  try {
    writeAll(Deno.stdout, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new CtrError("bad_state", "Cannot write to standard output", {
      cause: error,
      hint: "Check the file that it is redirected to, and the space there",
    });
  }
}

/** Writes text to standard error; when that fails nobody can be told. */
export function printError(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    return;
  }
}

interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
}

function writeAll(writer: SyncWriter, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(writer.writeSync(rest));
}
