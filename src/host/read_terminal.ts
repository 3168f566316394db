/** The terminal of whoever stays. Reads only. */

import { readSettings, readSize, type TerminalSize } from "../../ffi/terminal.ts";
import type { Terminal } from "./host_facts.ts";

const [STDIN, STDOUT] = [0, 1];

/** Reads the size of the terminal that output goes to, or else input comes from; undefined where none knows one. */
export function maybeReadSize(): TerminalSize | undefined {
  for (const fd of [STDOUT, STDIN]) {
    const size = readSize(fd);
    // A terminal that nobody has told its size says 0: programs would draw into nothing.
    if (size.ok && size.value.rows > 0 && size.value.columns > 0) return size.value;
  }
  return undefined;
}

/** Reads what a container's terminal takes over of this one; `isTyping`: keys go to the container. */
export function readTerminal({ isTyping }: { readonly isTyping: boolean }): Terminal {
  const size = maybeReadSize();
  const settings = isTyping ? readSettings(STDIN) : undefined;
  return {
    ...(size !== undefined && { size }),
    ...(settings?.ok && { settings: settings.value }),
  };
}
