/** Compiles and runs small C programs, where a C compiler is installed. */

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
