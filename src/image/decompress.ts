/** Compressed archives: which kind it is shows in the first bytes. */

import { CtrError } from "../errors.ts";
import { notePassed } from "./collect.ts";
import type { Bytes } from "./store.ts";

/** How an archive is compressed. */
export type Compression = "none" | "gzip" | "zstd" | "xz" | "bzip2";

/** First bytes of each. Source: RFC 1952, RFC 8878, the xz and bzip2 file formats. */
const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];
const MOST_MAGIC = 6;

/** Tells a compression from the first bytes. Pure. */
export function compressionOf(start: Uint8Array): Compression {
  return MAGIC.find(([, magic]) => magic.every((byte, at) => start[at] === byte))?.[0] ?? "none";
}

/**
 * Gives what a stream holds, decompressed.
 *
 * @throws {CtrError} code "usage" where it is damaged, "unsupported" where the program for it is not installed
 */
export async function* decompress(stream: Bytes): Bytes {
  const { start, all } = await peek(stream);
  const kind = compressionOf(start);
  try {
    if (kind === "none") yield* all;
    else if (kind === "gzip" || kind === "zstd") yield* throughZlib(kind, all);
    else yield* throughProgram(kind === "xz" ? "xz" : "bzip2", all);
  } catch (error) {
    if (error instanceof CtrError || !isDamage(error)) throw error;
    throw new CtrError("usage", `Cannot decompress the archive: its ${kind} data is damaged or cut`, {
      hint: "Get the archive again",
      cause: error,
    });
  }
}

/** Errors of zlib have codes such as Z_DATA_ERROR, Z_BUF_ERROR and ZSTD_error_…. */
function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^(Z_|ZSTD_|ERR_)/.test(code);
}

/** Gives a stream as a registry may have it: what nobody reads but `xz` and `bzip2` is decompressed. */
export async function asLayer(stream: Bytes): Promise<{ readonly kind: Compression; readonly bytes: Bytes }> {
  const { start, all } = await peek(stream);
  const kind = compressionOf(start);
  return kind === "xz" || kind === "bzip2" ? { kind: "none", bytes: decompress(all) } : { kind, bytes: all };
}

async function peek(stream: Bytes): Promise<{ readonly start: Uint8Array; readonly all: Bytes }> {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (length < MOST_MAGIC) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const start = new Uint8Array(length);
  first.reduce((at, part) => (start.set(part, at), at + part.length), 0);
  return {
    start,
    all: (async function* () {
      try {
        yield* first;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.return?.();
      }
    })(),
  };
}

async function* throughZlib(kind: "gzip" | "zstd", stream: Bytes): Bytes {
  const [{ createGunzip, createZstdDecompress }, { Readable, pipeline }] = await Promise.all([
    import("node:zlib"),
    import("node:stream"),
  ]);
  const through = kind === "gzip"
    ? createGunzip({ chunkSize: CHUNK })
    : createZstdDecompress({ chunkSize: CHUNK });
  // The loop below sees the same error; without a callback it would be thrown from nowhere.
  pipeline(Readable.from(stream), through, () => {});
  for await (const chunk of through) {
    yield chunk as Uint8Array<ArrayBuffer>;
    notePassed((chunk as Uint8Array).length);
  }
}

const CHUNK = 256 * 1024;

/** Formats that only some archives have, and that other programs know well. */
async function* throughProgram(program: "xz" | "bzip2", stream: Bytes): Bytes {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args: ["-dc"], stdin: "piped", stdout: "piped", stderr: "null" })
      .spawn();
  } catch (cause) {
    throw new CtrError("unsupported", `Cannot decompress the archive: ${program} is not installed`, {
      hint: `Install ${program}, or compress it with gzip or zstd`,
      cause,
    });
  }
  const fed = ReadableStream.from(stream).pipeTo(child.stdin).catch((error: unknown) => error);
  yield* child.stdout as unknown as Bytes;
  const [{ success }] = [await child.status, await fed];
  if (success) return;
  throw new CtrError("usage", `Cannot decompress the archive: its ${program} data is damaged or cut`, {
    hint: "Get the archive again",
  });
}
