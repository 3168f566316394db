/** Runs programs for the kernel tests: bytes in, bytes out, and a time after which a program that hangs is killed. */

/** How a program ended, and what it said. */
export interface Ran {
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
}

/** How a program is run. */
export interface RunOptions {
  /** What it reads; nothing is /dev/null, "open" is a pipe that stays open. */
  readonly stdin?: string | Uint8Array | "open";
  /** Its environment; nothing else gets into it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** @default 30000 */
  readonly timeoutMs?: number;
}

/** A program that runs. */
export interface Spawned extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly ended: Promise<Ran>;
  /** Sends a signal, also after the end. */
  kill(signal: Deno.Signal): void;
  /** Waits for a text on its standard output; gives all that was said. */
  until(text: string): Promise<string>;
}

const TIMEOUT_MS = 30_000;

/** Runs words to their end. */
export async function runWords(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const spawned = spawnWords(words, options);
  const { stdin } = options;
  if (stdin !== "open") {
    const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    // A program that does not read all of it is no mistake of the test's.
    if (bytes !== undefined) await spawned.stdin.write(Uint8Array.from(bytes)).catch(() => {});
    await spawned.stdin.close().catch(() => {});
  }
  const ran = await spawned.ended;
  if (stdin === "open") await spawned.stdin.close().catch(() => {});
  return ran;
}

/** Starts words. Disposing of it kills it, if it still runs, and waits. */
export function spawnWords(words: readonly string[], options: RunOptions = {}): Spawned {
  const [program = "", ...args] = words;
  const { env = {}, cwd = "/", timeoutMs = TIMEOUT_MS } = options;
  const child = new Deno.Command(program, {
    args,
    cwd,
    env,
    clearEnv: true,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new Collected(child.stdout);
  const stderr = new Collected(child.stderr);
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill("SIGKILL");
  }, timeoutMs);
  const follow = async (): Promise<Ran> => {
    const [status] = await Promise.all([child.status, stdout.done, stderr.done]);
    clearTimeout(timer);
    if (isLate) throw new Error(`Still running after ${timeoutMs} ms: ${words.join(" ")}\n${stderr.text()}`);
    return {
      code: status.code,
      signal: status.signal,
      stdout: stdout.text(),
      stderr: stderr.text(),
      stdoutBytes: stdout.bytes(),
      stderrBytes: stderr.bytes(),
    };
  };
  const ended = follow();
  const stdin = options.stdin === undefined
    ? new WritableStream<Uint8Array<ArrayBuffer>>().getWriter()
    : child.stdin.getWriter();
  return {
    pid: child.pid,
    stdin,
    ended,
    kill,
    until: (text) => stdout.until(text),
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await stdin.close().catch(() => {});
      await ended.catch(() => {});
    },
  };
}

/** A stream's bytes as they come. */
class Collected {
  readonly done: Promise<void>;
  readonly #chunks: Uint8Array[] = [];
  #onChunk: (() => void) | undefined;
  #isDone = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.done = this.#collect(stream);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.#chunks.push(chunk);
      this.#onChunk?.();
    }
    this.#isDone = true;
    this.#onChunk?.();
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  async until(wanted: string): Promise<string> {
    while (!this.text().includes(wanted)) {
      if (this.#isDone) throw new Error(`Ended without saying ${JSON.stringify(wanted)}: ${this.text()}`);
      await new Promise<void>((resolve) => this.#onChunk = resolve);
    }
    return this.text();
  }
}
