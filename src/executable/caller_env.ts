/**
 * Who called, and how to call again. In dist/myctr Deno's own environment is not the caller's: the stub in front of
 * Deno removes DENO_*, NODE_* and the like and sets HOME and DENO_DIR for Deno alone (deno_settings.ts). The kernel
 * still has the strings that the caller gave.
 */

import { CtrError } from "../errors.ts";

let cached: Readonly<Record<string, string>> | undefined;

/**
 * Returns the environment that myctr was started with, from source as in dist/myctr. Read once, when first asked for.
 * Bytes that are no UTF-8 become U+FFFD; of a name that stands there twice the first counts, as for getenv(3).
 *
 * @throws {CtrError} code "unsupported" where the kernel hides it: the executable may be run but not read
 * @see proc_pid_environ(5)
 */
export function callerEnv(): Readonly<Record<string, string>> {
  return cached ??= parseEnviron(readEnviron());
}

function readEnviron(): string {
  try {
    return Deno.readTextFileSync("/proc/self/environ");
  } catch (cause) {
    const hint = `Make the executable readable: chmod a+r ${Deno.execPath()}`;
    throw new CtrError("unsupported", "Cannot read /proc/self/environ", { hint, cause });
  }
}

/** Stands in front of a command line that a small program handed on to the whole one: see whole_program.ts. */
export const WHOLE_OPTION = "--whole";

/** Returns the words behind `myctr`, as they were typed. */
export function callerWords(): readonly string[] {
  return Deno.args[0] === WHOLE_OPTION ? Deno.args.slice(1) : Deno.args;
}

/** Parses NUL-terminated `NAME=value` entries; what has no name is left out. */
export function parseEnviron(text: string): Record<string, string> {
  const env: Record<string, string> = Object.create(null);
  for (const entry of text.split("\0")) {
    const end = entry.indexOf("=");
    if (end < 1) continue;
    const name = entry.slice(0, end);
    if (!(name in env)) env[name] = entry.slice(end + 1);
  }
  return env;
}

/**
 * Returns the words that start this same myctr again; the command's own words follow them. Start it with `callerEnv()`
 * as its whole environment, or what it takes for its caller's is Deno's.
 */
export function selfCommand(): string[] {
  const source = sourceEntry();
  return source === undefined ? [Deno.execPath()] : [Deno.execPath(), "run", "-A", "-q", source];
}

/** Returns the path of src/main.ts when myctr runs from source; the bundle in dist/myctr has no such name. */
function sourceEntry(): string | undefined {
  if (!import.meta.url.endsWith("/src/executable/caller_env.ts")) return undefined;
  return decodeURIComponent(new URL("../main.ts", import.meta.url).pathname);
}

/** Keeps fetch() of this process, which takes proxies from Deno's environment, from asking one for a host. */
export function bypassProxies(host: string): void {
  const before = Deno.env.get("NO_PROXY") ?? Deno.env.get("no_proxy") ?? "";
  Deno.env.set("NO_PROXY", before === "" ? host : `${before},${host}`);
}
