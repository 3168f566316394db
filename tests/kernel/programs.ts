/** How the tests start myctr: dist/myctr where MYCTR_BIN names it, else from source; as root or as another user. */

import { asOrdinaryUser } from "../setup/requirements.ts";
import type { Account } from "../setup/needs.ts";

const TREE = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");

/** The words that start things in a box. */
export interface Programs {
  /** Words before any command, that make it the user's. */
  readonly prefix: readonly string[];
  readonly myctr: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let copied: string | undefined;

/** Gives the words for a user; root where there is no account. The first call for another user makes a copy for it. */
export async function programsFor(account: Account | undefined): Promise<Programs> {
  const executable = Deno.env.get("MYCTR_BIN");
  if (account === undefined) {
    const env = pick(["PATH", "HOME", "DENO_DIR"]);
    const myctr = executable === undefined ? fromSource(Deno.execPath(), TREE) : [executable];
    return { prefix: [], myctr, env };
  }
  copied ??= executable === undefined ? await copyTree(account) : await copyExecutable(executable);
  const words = asOrdinaryUser();
  const prefix = words.slice(0, words.indexOf("env"));
  const env = { ...settings(words), DENO_DIR: `${copied}/cache` };
  const myctr = executable === undefined
    ? fromSource(await denoFor(prefix, copied), copied)
    : [`${copied}/myctr`];
  return { prefix, myctr, env };
}

function fromSource(deno: string, tree: string): string[] {
  return [deno, "run", "-A", "-q", `--config=${tree}/deno.json`, `${tree}/src/main.ts`];
}

/** The user can't read root's home, and maybe not this tree: it gets what it needs in a directory that it can read. */
async function copyTree(account: Account): Promise<string> {
  const copy = await makeCopyDirectory();
  for (const name of ["src", "ffi", "deno.json", "deno.lock"]) await cp(`${TREE}/${name}`, `${copy}/${name}`);
  await Deno.mkdir(`${copy}/cache`);
  await cp(`${await denoDirectory()}/npm`, `${copy}/cache/npm`);
  const { uid, gid } = account;
  await must("chown", "-R", `${uid}:${gid}`, `${copy}/cache`);
  return copy;
}

async function copyExecutable(executable: string): Promise<string> {
  const copy = await makeCopyDirectory();
  await cp(executable, `${copy}/myctr`);
  return copy;
}

async function makeCopyDirectory(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "myctr-copy-" });
  await Deno.chmod(copy, 0o755);
  globalThis.addEventListener("unload", () => Deno.removeSync(copy, { recursive: true }));
  return copy;
}

/** The environment that words for env(1) set: a test may add to it. */
function settings(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.filter((word) => /^\w+=/.test(word)).map((word) => word.split("=", 2)));
}

/** Deno itself where the user may run it, else a copy. */
async function denoFor(prefix: readonly string[], copy: string): Promise<string> {
  const [program = "", ...args] = [...prefix, "test", "-x", Deno.execPath()];
  const { success } = await new Deno.Command(program, { args }).output();
  if (success) return Deno.execPath();
  if (!await exists(`${copy}/deno`)) await cp(Deno.execPath(), `${copy}/deno`);
  return `${copy}/deno`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function denoDirectory(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function cp(from: string, to: string): Promise<void> {
  await must("cp", "-r", "--reflink=auto", from, to);
  await must("chmod", "-R", "a+rX", to);
}

async function must(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function pick(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
