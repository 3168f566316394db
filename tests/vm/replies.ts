/** Takes apart what comes from a machine: the output of one script after the other, each with a line of its end. */

/** One script's output on one stream, and its exit code. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** A stream of bytes; a connection is one. */
export interface ByteSource {
  readonly readable: ReadableStream<Uint8Array>;
}

const NUL = 0;
const NEWLINE = 10;
/** Longer than any line of an end. */
const LINE_SIZE = 64;

/** The replies on one stream, in their order. */
export class Replies {
  /** Settles when the stream has ended. */
  readonly done: Promise<void>;
  /** Gets output as it comes; what it gets is not in the reply. */
  onBytes: ((bytes: Uint8Array) => void) | undefined;
  #kept = new Uint8Array();
  #wanted: { readonly number: number; readonly resolve: (reply: Reply) => void } | undefined;
  readonly #early = new Map<number, Reply>();

  constructor(source: ByteSource) {
    this.done = this.#collect(source.readable).catch(() => {});
  }

  /** Waits for the end of the script with a number. */
  next(number: number): Promise<Reply> {
    const early = this.#early.get(number);
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve) => this.#wanted = { number, resolve });
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      const joined = new Uint8Array(this.#kept.length + chunk.length);
      joined.set(this.#kept);
      joined.set(chunk, this.#kept.length);
      this.#kept = joined;
      while (this.#takeReply());
    }
  }

  /** Takes the first reply, if all of it is there; passes on what can be no part of an end. */
  #takeReply(): boolean {
    const found = findEnd(this.#kept);
    if (found === undefined) {
      const nul = this.#kept.lastIndexOf(NUL);
      const isPossible = nul >= 0 && this.#kept.length - nul < LINE_SIZE;
      if (this.onBytes !== undefined) {
        this.#pass(this.#kept.subarray(0, isPossible ? nul : this.#kept.length), 0);
      }
      return false;
    }
    const { at, size, number, code } = found;
    const text = this.onBytes === undefined ? new TextDecoder().decode(this.#kept.subarray(0, at)) : "";
    if (this.onBytes === undefined) this.#kept = this.#kept.slice(at + size);
    else this.#pass(this.#kept.subarray(0, at), size);
    const reply = { code, text };
    if (this.#wanted?.number === number) this.#wanted.resolve(reply);
    else this.#early.set(number, reply);
    return true;
  }

  #pass(bytes: Uint8Array, extra: number): void {
    if (bytes.length > 0) this.onBytes?.(bytes.slice());
    this.#kept = this.#kept.slice(bytes.length + extra);
  }
}

/** Finds the first line of an end: NUL, "end", a number, an exit code. Pure. */
export function findEnd(
  bytes: Uint8Array,
):
  | { readonly at: number; readonly size: number; readonly number: number; readonly code: number }
  | undefined {
  for (let at = bytes.indexOf(NUL); at >= 0; at = bytes.indexOf(NUL, at + 1)) {
    const size = bytes.subarray(at, at + LINE_SIZE).indexOf(NEWLINE) + 1;
    const line = new TextDecoder().decode(bytes.subarray(at + 1, at + size));
    const [, number, code] = /^end (\d+) (\d+)\n$/.exec(line) ?? [];
    if (number !== undefined && code !== undefined) {
      return { at, size, number: Number(number), code: Number(code) };
    }
  }
  return undefined;
}
