/** Makes one JavaScript module of myctr, with nothing left to load from elsewhere. */

import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";

/** A finished bundle. */
export interface Bundle {
  readonly code: Uint8Array<ArrayBuffer>;
  /** Modules of Deno's node: layer that the bundle may still load, when a command asks for them. */
  readonly nodeModules: readonly string[];
}

/**
 * The program's first statement. Deno keeps compiled code when its event loop turns for the first time; a command that
 * never waits and ends by Deno.exit would never get there, and each start would compile anew: 29 ms instead of 17.
 */
const TURN_EVENT_LOOP = 'await Deno.realPath("/");';

/**
 * Bundles the module at `entry`, an absolute path, minified.
 *
 * There is no source map: an inline one costs 9 ms at each start, and nothing could carry a separate file along with a
 * copied executable. Names are not kept either: nothing reads them. Modules in `without`, absolute paths too, are left
 * out: see whole_program.ts.
 */
export async function bundle(entry: string, without: readonly string[] = []): Promise<Bundle> {
  const result = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    minify: true,
    keepNames: false,
    splitting: false,
    sourcemap: false,
    legalComments: "none",
    banner: { js: TURN_EVENT_LOOP },
    logLevel: "warning",
    plugins: [
      { name: "packages", setup: findPackages },
      { name: "without", setup: (build) => leaveOut(build, without) },
    ],
  });
  await esbuild.stop();
  const [output] = Object.values(result.metafile.outputs);
  const [file] = result.outputFiles;
  if (output === undefined || file === undefined) throw new Error("esbuild made no output");
  return { code: Uint8Array.from(file.contents), nodeModules: output.imports.map((each) => each.path) };
}

/** Packages are in Deno's cache, where esbuild does not look. */
function findPackages(build: esbuild.PluginBuild): void {
  build.onResolve({ filter: /^[a-z@][^:]*$/ }, ({ path, kind }) => {
    if (kind === "entry-point") return undefined;
    return { path: fileURLToPath(import.meta.resolve(path)) };
  });
}

const WHOLE_PROGRAM = fileURLToPath(import.meta.resolve("./whole_program.ts"));

function leaveOut(build: esbuild.PluginBuild, without: readonly string[]): void {
  build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
    if (!without.includes(path)) return undefined;
    return {
      contents: `import { startWholeProgram } from ${JSON.stringify(WHOLE_PROGRAM)}; startWholeProgram();`,
      loader: "ts",
    };
  });
}
