/**
 * `deno task vm [MODE] -- COMMAND...`: boots a virtual machine, runs the command in it, in one of its modes, and gives
 * its output and its exit code; 124 where it took too long, 125 where the machine failed, 130 after ctrl-c. `deno task vm --list` names
 * the modes. In the machine, /work/bin has myctr and deno, /work/tree the sources, ~/rootfs a root with busybox.
 */

import { Machine, MachineTimeout } from "./machine.ts";
import { inMode, isModeName, MODE_NAMES, type ModeName, modeOf } from "./modes.ts";

const USAGE = `Usage: deno task vm [--list] [--timeout SECONDS] [MODE] -- COMMAND...\n`;
const DEFAULT_SECONDS = 300;
/** 128 + SIGINT, as a shell says it. */
const INTERRUPTED = 130;

/** What the command line asks for. */
export interface Request {
  readonly mode: ModeName;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** Parses the command line; undefined: it makes no sense. Pure. */
export function parseRequest(args: readonly string[]): Request | undefined {
  const end = args.indexOf("--");
  if (end < 0 || end === args.length - 1) return undefined;
  const [before, command] = [args.slice(0, end), args.slice(end + 1)];
  let seconds = DEFAULT_SECONDS;
  if (before[0] === "--timeout") seconds = Number(before.splice(0, 2)[1]);
  const mode = before[0] ?? "root";
  if (before.length > 1 || !isModeName(mode) || !(seconds > 0)) return undefined;
  return { mode, command, timeoutMs: seconds * 1000 };
}

/** Quotes words for sh: one command of one word is a script of its own. Pure. */
export function renderScript(command: readonly string[]): string {
  const [only] = command;
  if (command.length === 1 && only !== undefined) return only;
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

function write(to: typeof Deno.stdout, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

function say(line: string): void {
  write(Deno.stderr, new TextEncoder().encode(`${line}\n`));
}

async function runRequest({ mode: name, command, timeoutMs }: Request, signal: AbortSignal): Promise<number> {
  const mode = modeOf(name);
  const { kernel, init = "plain", user, place = "session" } = mode;
  await using machine = await Machine.boot({ kernel, init, say, signal });
  const onOutput = (stream: "stdout" | "stderr", bytes: Uint8Array) => write(Deno[stream], bytes);
  const act = () => machine.run(renderScript(command), { user, place, timeoutMs, onOutput });
  // The machine is thrown away: its mode need not be left.
  const { code } = await inMode(machine, { ...mode, leave: "" }, act);
  return code;
}

async function main(): Promise<number> {
  if (Deno.args.includes("--list")) {
    const lines = MODE_NAMES.map((name) => {
      const { kernel, about } = modeOf(name);
      return `${name.padEnd(18)} ${kernel.padEnd(5)} ${about}\n`;
    });
    write(Deno.stdout, new TextEncoder().encode(lines.join("")));
    return 0;
  }
  const request = parseRequest(Deno.args);
  if (request === undefined) {
    say(`${USAGE}Modes: ${MODE_NAMES.join(", ")}`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort());
  }
  try {
    return await runRequest(request, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    say(error instanceof Error ? error.message : String(error));
    return error instanceof MachineTimeout ? 124 : 125;
  }
}

if (import.meta.main) Deno.exit(await main());
