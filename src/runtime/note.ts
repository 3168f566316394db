/** Remarks on standard error, about what is not as its reader may think. */

const encoder = new TextEncoder();

/** Says something that is no failure. */
export function note(text: string): void {
  Deno.stderr.writeSync(encoder.encode(`myctr: note: ${text}\n`));
}
