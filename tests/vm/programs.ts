/** Runs the programs that build and start virtual machines. */

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/** Where Debian keeps the programs for root: they are not on the path of an ordinary user. */
const PATH = `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/sbin`;

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[]): Promise<Said> {
  const env = { PATH, LC_ALL: "C" };
  const command = new Deno.Command(program, { args: [...args], env, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

/** Runs a program that must end with 0; gives what it said on standard output, byte for byte. */
export async function mustGiveBytes(
  program: string,
  args: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return stdout;
}

/** Runs a program that must end with 0; gives the text on its standard output. */
export async function must(program: string, ...args: readonly string[]): Promise<string> {
  return new TextDecoder().decode(await mustGiveBytes(program, args));
}
