/** Compiles and runs small C programs, where a C compiler is installed. */

/** Tells whether a program can be started. */
export function hasTool(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Gives the name and the skip of a test that needs a program: the title tells what is missing. */
export function needsTool(title: string, tool: string): { readonly name: string; readonly ignore: boolean } {
  const ignore = !hasTool(tool);
  return { name: ignore ? `${title} (needs ${tool})` : title, ignore };
}

export interface Compilation {
  readonly success: boolean;
  readonly messages: string;
}

/** Runs a program and gives what it wrote to stderr. */
export function compile(tool: string, args: readonly string[]): Compilation {
  const env = { LC_ALL: "C" };
  const { success, stderr } = new Deno.Command(tool, { args: [...args], env, stdout: "null" }).outputSync();
  return { success, messages: new TextDecoder().decode(stderr) };
}

/** Compiles a C source with `tool` and gives the lines that the program prints. */
export function linesOf(tool: string, source: string): string[] {
  const folder = Deno.makeTempDirSync();
  try {
    const program = `${folder}/program`;
    const { success, messages } = compile(tool, ["-w", "-o", program, source]);
    if (!success) throw new Error(`Cannot compile ${source}: ${messages}`);
    const { stdout } = new Deno.Command(program).outputSync();
    return new TextDecoder().decode(stdout).trim().split("\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
