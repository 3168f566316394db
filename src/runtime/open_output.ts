/** Where a command writes what may be large: a file that appears when it is whole, or standard output. */

import { CtrError } from "../errors.ts";

/** Takes bytes. What is disposed of before it is finished leaves no file. */
export interface BulkOutput extends AsyncDisposable {
  readonly write: (bytes: Uint8Array) => void;
  readonly finish: () => Promise<void>;
}

/**
 * Opens the output; `what` follows "Cannot".
 *
 * @throws {CtrError} where it is a terminal, or the file can't be made
 */
export async function openOutput(path: string | undefined, what: string): Promise<BulkOutput> {
  if (path !== undefined && path !== "-") {
    return await isSpecial(path) ? openPlain(path, what) : openWhole(path, what);
  }
  if (Deno.stdout.isTerminal()) {
    throw new CtrError("usage", `Cannot ${what}: standard output is a terminal`, {
      hint: "Name a file with --output, or redirect it",
    });
  }
  return outputTo(Deno.stdout, what);
}

/** Devices, FIFOs and links are written to as they are. */
async function isSpecial(path: string): Promise<boolean> {
  try {
    return !(await Deno.lstat(path)).isFile;
  } catch {
    return false;
  }
}

interface Sink {
  writeSync(bytes: Uint8Array): number;
}

function outputTo(sink: Sink, what: string): BulkOutput {
  return {
    write: (bytes) => writeAll(sink, bytes, what),
    finish: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function writeAll(sink: Sink, bytes: Uint8Array, what: string): void {
  try {
    for (let done = 0; done < bytes.length;) done += sink.writeSync(bytes.subarray(done));
  } catch (cause) {
    throw failed(what, cause);
  }
}

function failed(what: string, cause: unknown): CtrError {
  const why = (cause instanceof Error ? cause.message : `${cause}`).replace(/ \(os error \d+\).*$/s, "");
  return new CtrError("bad_state", `Cannot ${what}: ${why}`, {
    hint: "Check the file that it goes to, and the space there",
    cause,
  });
}

function openFile(path: string, what: string, options: Deno.OpenOptions): Deno.FsFile {
  try {
    return Deno.openSync(path, options);
  } catch (cause) {
    throw failed(what, cause);
  }
}

function openPlain(path: string, what: string): BulkOutput {
  const file = openFile(path, what, { write: true });
  return {
    ...outputTo(file, what),
    [Symbol.asyncDispose]: () => Promise.resolve(file.close()),
  };
}

function openWhole(path: string, what: string): BulkOutput {
  const making = `${path}.${crypto.randomUUID().slice(0, 8)}.new`;
  const file = openFile(making, what, { write: true, createNew: true });
  let isWhole = false;
  return {
    ...outputTo(file, what),
    finish: async () => {
      await Deno.rename(making, path);
      isWhole = true;
    },
    [Symbol.asyncDispose]: async () => {
      file.close();
      if (!isWhole) await Deno.remove(making);
    },
  };
}
