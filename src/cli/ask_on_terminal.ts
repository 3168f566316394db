/** Asks for a line on the terminal, also for one that nobody shall see. */

import { CtrError } from "../errors.ts";

const CODES = {
  interrupt: 0x03,
  end: 0x04,
  back: 0x08,
  lineFeed: 0x0a,
  return: 0x0d,
  clear: 0x15,
  delete: 0x7f,
} as const;
const MAX_BYTES = 4096;

/** Asks on standard error. @throws {CtrError} code "usage" where there is no answer */
export function askOnTerminal(question: string, { isSecret }: { readonly isSecret: boolean }): string {
  const write = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text));
  write(question);
  if (!isSecret) return new TextDecoder().decode(readLine());
  Deno.stdin.setRaw(true);
  try {
    return new TextDecoder().decode(readLine({ isRaw: true }));
  } finally {
    Deno.stdin.setRaw(false);
    write("\n");
  }
}

/** Reads to the end of a line; what a terminal does with keys that edit it, is done here where it is raw. */
function readLine({ isRaw = false } = {}): Uint8Array {
  const line: number[] = [];
  const byte = new Uint8Array(1);
  while (line.length < MAX_BYTES) {
    const code = Deno.stdin.readSync(byte) === null ? CODES.end : byte[0]!;
    if (code === CODES.lineFeed || code === CODES.return) return Uint8Array.from(line);
    if (code === CODES.end && line.length > 0) return Uint8Array.from(line);
    if (code === CODES.end || isRaw && code === CODES.interrupt) break;
    if (isRaw && code === CODES.clear) line.length = 0;
    else if (isRaw && (code === CODES.back || code === CODES.delete)) takeBack(line);
    else line.push(code);
  }
  throw new CtrError("usage", "Cannot log in: there is no answer", { hint: "Write it, and press Enter" });
}

/** Takes a character back, all bytes of it. */
function takeBack(line: number[]): void {
  while (line.length > 0 && (line.pop()! & 0xc0) === 0x80);
}
