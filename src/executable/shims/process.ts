/** Stands in for node:process in commander, which writes help and errors and asks for the terminal's width. */

import { callerEnv } from "../caller_env.ts";

type Output = typeof Deno.stdout | typeof Deno.stderr;

const stdout = outputOf(Deno.stdout);
const stderr = outputOf(Deno.stderr);

export default {
  argv: ["deno", "myctr", ...Deno.args],
  execArgv: [],
  versions: {},
  platform: "linux",
  stdout,
  stderr,
  get env(): Readonly<Record<string, string>> {
    return callerEnv();
  },
  get exitCode(): number {
    return Deno.exitCode;
  },
  exit(code: number): never {
    throw new Error(`commander ended the process with ${code}: a command lacks exitOverride()`);
  },
};

interface NodeOutput {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  write(text: string): boolean;
  hasColors(): boolean;
}

function outputOf(output: Output): NodeOutput {
  return {
    get isTTY(): boolean {
      return output.isTerminal();
    },
    get columns(): number | undefined {
      return columnCount();
    },
    write(text: string): boolean {
      writeAll(output, new TextEncoder().encode(text));
      return true;
    },
    hasColors(): boolean {
      return true;
    },
  };
}

/** Returns undefined where neither stream is a terminal of a known size. */
function columnCount(): number | undefined {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return undefined;
  }
}

function writeAll(output: Output, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += output.writeSync(bytes.subarray(done));
}
