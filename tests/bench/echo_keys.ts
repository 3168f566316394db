/** Types keys at a terminal, each when the one before it was echoed: `echo_keys.ts COUNT PROGRAM…`. The program echoes. */

import { Terminal } from "../kernel/terminal.ts";

/** Before it, the terminal shall be raw: else a line at a time is echoed. */
const READY = "ready";

const [count = "", ...words] = Deno.args;
await using at = new Terminal({ work: "/", env: Deno.env.toObject() }, words);
await at.until(READY);
for (let key = 0; key < Number(count); key++) {
  const text = String.fromCharCode(97 + key % 26);
  await at.type(text);
  await at.until(text);
}
