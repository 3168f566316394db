/**
 * `deno task build [--out dist/myctr] [--base auto|deno|denort]`: makes the one executable.
 *
 * With denort, Deno's slim runtime, `deno compile` does it, of the last program of programs.ts. Where denort can't be
 * had (it comes from a server, not from a package), the same single file is made of the deno binary that runs this
 * module, with all programs. `auto` tries denort first.
 */

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CtrError } from "../errors.ts";
import { addToDeno, type BundledProgram } from "./add_to_deno.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { type Program, PROGRAMS } from "./programs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where to give up on a network that swallows packets. */
const DENORT_TIMEOUT_MS = 120_000;

/** What to build, and from what. */
export interface BuildOptions {
  /** The last one is for every command line that no other takes. */
  readonly programs: readonly Program[];
  readonly out: string;
  readonly base: "auto" | "deno" | "denort";
}

/** What was built. */
export interface Built {
  readonly base: "deno" | "denort";
  readonly programs: readonly BundledProgram[];
  readonly size: number;
  /** Why the executable is not prelinked, and so starts slower, if it could have been. */
  readonly notPrelinked: string | undefined;
}

/**
 * Builds the executable; an older one at the same path is replaced at once, not written over.
 *
 * @throws {CtrError} code "unsupported" if neither way is open
 */
export async function build({ programs, out, base }: BuildOptions): Promise<Built> {
  await cachePackages();
  const made = await bundleAll(programs);
  const temporary = `${out}.tmp`;
  await Deno.mkdir(dirname(out), { recursive: true });
  const whole = made.slice(-1);
  const compiled = base !== "deno" && await compileWithDenort(whole[0]!.bundle, temporary);
  if (!compiled && base === "denort") {
    throw new CtrError("unsupported", "Cannot build with denort: deno compile failed", {
      hint: "Set DENORT_BIN to the path of a denort, or build with --base deno",
    });
  }
  const notPrelinked = compiled ? undefined : await addToDeno(made, temporary);
  await Deno.chmod(temporary, 0o755);
  await Deno.rename(temporary, out);
  const { size } = await Deno.stat(out);
  return { base: compiled ? "denort" : "deno", programs: compiled ? whole : made, size, notPrelinked };
}

async function bundleAll(programs: readonly Program[]): Promise<BundledProgram[]> {
  const bundled: BundledProgram[] = [];
  for (const program of programs) {
    const without = program.without?.map((path) => resolve(ROOT, path));
    bundled.push({ ...program, bundle: await bundle(resolve(ROOT, program.entry), without) });
  }
  return bundled;
}

/** Bundling reads packages from Deno's cache, which a fresh checkout has not filled yet. */
async function cachePackages(): Promise<void> {
  if (!await run(["install", "--quiet"], "inherit")) {
    throw new CtrError("not_found", "Cannot bundle myctr: its packages are not in the cache");
  }
}

/**
 * Says whether it worked. There is no code cache: denort would keep it under a name that others can foresee, in the
 * directory for temporary files, and it is code that V8 executes.
 */
async function compileWithDenort({ code }: Bundle, out: string): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/myctr.mjs`;
    await Deno.writeFile(program, code);
    const flags = [
      "--quiet",
      "--allow-all",
      "--no-check",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
    ];
    return await run(["compile", ...flags, "--no-code-cache", "--output", out, program], "null");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(args: readonly string[], stderr: "inherit" | "null"): Promise<boolean> {
  const signal = AbortSignal.timeout(DENORT_TIMEOUT_MS);
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdout: "null",
    stderr,
    signal,
  });
  return (await command.output()).success;
}

function parseOptions(args: string[]): BuildOptions {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: "string", default: `${ROOT}dist/myctr` },
      base: { type: "string", default: "auto" },
    },
  });
  const { base } = values;
  if (base !== "auto" && base !== "deno" && base !== "denort") {
    throw new CtrError("usage", `Cannot build from "${base}"`, { hint: "Give --base auto, deno or denort" });
  }
  return { out: values.out, base, programs: PROGRAMS };
}

function renderBuilt(out: string, { base, programs, size, notPrelinked }: Built): string {
  const sizes = programs.map(({ name, bundle }) => `${name} ${(bundle.code.length / 1e3).toFixed(1)} kB`);
  const modules = [...new Set(programs.flatMap(({ bundle }) => bundle.nodeModules))];
  return [
    `${out}: ${(size / 1e6).toFixed(1)} MB of ${base}`,
    `programs ${sizes.join(", ")}`,
    modules.length === 0 ? "no node: module" : modules.join(", "),
    ...(notPrelinked === undefined ? [] : [`starts 2 ms slower: ${notPrelinked}`]),
  ].join("; ") + "\n";
}

async function main(): Promise<void> {
  try {
    const options = parseOptions(Deno.args);
    Deno.stdout.writeSync(new TextEncoder().encode(renderBuilt(options.out, await build(options))));
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n${error.hint ?? ""}\n`));
    Deno.exitCode = 1;
  }
}

if (import.meta.main) await main();
