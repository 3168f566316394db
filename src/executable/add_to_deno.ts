/** Makes the executable out of the deno binary that runs this module: prelinked, with the stub and the programs in it. */

import { CtrError } from "../errors.ts";
import type { Bundle } from "./bundle.ts";
import { ADDED_VARIABLES, denoArguments, REMOVED_VARIABLES } from "./deno_settings.ts";
import { injectStub, type StubProgram } from "./inject_stub.ts";
import { prelink } from "./prelink.ts";
import type { Program } from "./programs.ts";
import { STUB_CODE } from "./stub_code.ts";

/** A program, bundled. */
export interface BundledProgram extends Program {
  readonly bundle: Bundle;
}

/**
 * Writes the executable, and returns why it could not be prelinked, if so: it does the same then, and starts slower.
 *
 * @throws {CtrError} code "unsupported" for a deno binary that the stub can't be added to
 */
export async function addToDeno(
  programs: readonly BundledProgram[],
  out: string,
): Promise<string | undefined> {
  const original = await Deno.readFile(Deno.execPath());
  const { deno, reason } = tryPrelink(original);
  const patches = injectStub(deno, {
    code: Uint8Array.fromHex(STUB_CODE),
    programs: await Promise.all(programs.map(describeToStub)),
    removed: REMOVED_VARIABLES,
    added: ADDED_VARIABLES,
  });
  await Deno.writeFile(out, deno);
  using file = await Deno.open(out, { write: true });
  for (const { offset, bytes } of patches) {
    await file.seek(offset, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  }
  return reason;
}

function tryPrelink(deno: Uint8Array): { readonly deno: Uint8Array; readonly reason?: string } {
  try {
    return { deno: prelink(deno) };
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    return { deno, reason: error.message };
  }
}

async function describeToStub({ name, words, v8Flags, bundle }: BundledProgram): Promise<StubProgram> {
  return {
    words,
    bytes: bundle.code,
    fd: await chooseFd(bundle.code),
    arguments: denoArguments(v8Flags),
    cache: name,
  };
}

/**
 * Deno's code cache goes by the program's path, /proc/self/fd/N: two versions of myctr with one N would drive each other
 * out of it, at twice the start time. So N comes from the content; 512 to 1011 is free in a process that just started.
 */
async function chooseFd(code: Uint8Array<ArrayBuffer>): Promise<number> {
  const hash = new DataView(await crypto.subtle.digest("SHA-256", code));
  return 512 + hash.getUint16(0) % 500;
}
