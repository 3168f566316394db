/** How dist/myctr starts the Deno inside it, whatever the caller's environment says. Pure. */

/** Returns argv[0] and Deno's own arguments; the program's path and the caller's words follow. */
export function denoArguments(v8Flags: readonly string[]): string[] {
  return [
    "myctr", // not the file's name: called "node", deno would read its arguments as node does
    "run",
    "--allow-all",
    "--quiet", // without it, a terminal gets control sequences of a progress bar
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    `--v8-flags=${v8Flags.join(",")}`,
    "--ext=mjs",
  ];
}

/** Beginnings of variables that Deno must not see: each could change what myctr does, or load other code. */
export const REMOVED_VARIABLES: readonly string[] = [
  "DENO_",
  "ICU_", // other Unicode data
  "JSR_",
  "NODE_", // NODE_OPTIONS=--require loads code, NODE_CHANNEL_FD takes a descriptor
  "NPM_",
  "npm_",
  "OTEL_", // OTEL_DENO sends what the program does to a collector
  "RUST_",
  "V8_",
  "HOME=",
];

/** Variables that Deno sees instead; the stub adds DENO_DIR, a directory of the user who runs it. */
export const ADDED_VARIABLES: readonly string[] = [
  // Deno reads $HOME/.npmrc, always, and ends if it can't: nothing is there, and nobody can put anything there.
  "HOME=/proc/none",
  "DENO_NO_UPDATE_CHECK=1",
  // Else Deno puts a directory with a `node` of its own in front of PATH, for itself and all its children.
  "DENO_DISABLE_NODE_SHIM=1",
  "DENO_NO_PACKAGE_JSON=1",
  // Registries of a company have certificates that this machine knows; read when one is first needed.
  "DENO_TLS_CA_STORE=mozilla,system",
];
