/** Reads what a registry sends: within bounds of time and size. */

/** How long, in milliseconds, an answer may take to begin, and each piece of it to come. */
export const PATIENCE_MS = 60_000;

/** What the network did not do. Its cause is fetch()'s own error. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** Nothing has come for long. */
export function silence(): Error {
  return new Error(`nothing came for ${PATIENCE_MS / 1000} seconds`);
}

/** Reads a body's pieces. @throws {NetworkError} where the next one does not come */
export async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    while (true) {
      const { done, value } = await inTime(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silence()), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    throw new NetworkError("the answer is cut", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a body whole. @throws {RangeError} for one of more bytes */
export async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of piecesOf(response)) {
    size += piece.length;
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    parts.push(piece);
  }
  const bytes = new Uint8Array(size);
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

/** The same, decoded. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, maxBytes));
}
