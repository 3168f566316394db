/** A context that comes as an archive, or as nothing but a Containerfile: on standard input, or in a file. */

import { CtrError } from "../errors.ts";
import { decompress } from "../image/decompress.ts";
import { type Bytes, readPieces } from "../image/store.ts";
import { unpackLayer } from "../image/unpack_layer.ts";
import { makeStateRoot } from "../runtime/container_store.ts";
import { stateRoot } from "../runtime/state_root.ts";
import { isFile } from "./context.ts";
import { sniffArchive } from "./sniff_archive.ts";

/** What was found there. */
export interface PackedContext extends AsyncDisposable {
  /** A directory of its own, gone when this is disposed of. */
  readonly path: string;
  /** The instructions, where there was no archive. */
  readonly text?: string;
}

/** Larger ones are no instructions of people's. */
const MAX_TEXT = 16 * 1024 * 1024;

/** Whether a context is one: `-`, or a file. */
export function isPacked(context: string): boolean {
  return context === "-" || isFile(context);
}

/** Unpacks it. @throws {CtrError} for an archive that can't be read, and a file that is none */
export async function openPacked(context: string): Promise<PackedContext> {
  makeStateRoot();
  const dir = `${stateRoot()}/build/contexts`;
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const path = await Deno.makeTempDir({ dir });
  const remove = () => Deno.remove(path, { recursive: true });
  try {
    const bytes = decompress(context === "-" ? Deno.stdin.readable : readPieces(context));
    const { isArchive, all } = await sniffArchive(bytes);
    if (!isArchive && context !== "-") {
      throw new CtrError("usage", `Cannot use context ${JSON.stringify(context)}: it is no archive of tar`, {
        hint: "Write a directory, or the file of instructions behind --file",
      });
    }
    const text = isArchive ? undefined : await textOf(all);
    // All that is in it is the caller's: as in a directory of his own.
    const owner = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
    if (isArchive) await unpackLayer(path, all, { isLiteral: true, owner });
    return { path, ...(text !== undefined && { text }), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function textOf(bytes: Bytes): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > MAX_TEXT) {
      throw new CtrError("usage", `Cannot read standard input: it is larger than ${MAX_TEXT} bytes`, {
        hint: "Pipe a Containerfile, or an archive of tar",
      });
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join("");
}
