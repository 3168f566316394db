/** Writes programs for tests. */

/**
 * Writes a script by a process of its own: a file that this one has open can't be executed, and what other tests start
 * meanwhile would have it open for an instant longer.
 */
export async function writeProgram(path: string, script: string): Promise<void> {
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'printf "#!/bin/sh\\n%s\\n" "$2" > "$1" && chmod 700 "$1"', "sh", path, script],
  }).output();
  if (!success) throw new Error(`${path} can not be written`);
}
