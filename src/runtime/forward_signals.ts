/** Signals that reach myctr are passed on. */

import { SIG } from "../../ffi/constants/process.ts";

/** Signals that reach the container when they reach myctr. */
const FORWARDED = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
  "SIGWINCH",
] as const;

/** With a terminal between, a new size goes there, and what the terminal tells its programs comes of that. */
const OF_TERMINALS: readonly string[] = ["SIGWINCH", "SIGCONT"];

/** Calls `send` with the number of each signal that comes, when the event loop turns; the result ends that. */
export function forwardSignals(
  send: (signal: number) => void,
  { hasTerminal = false }: { readonly hasTerminal?: boolean } = {},
): () => void {
  const names = hasTerminal ? FORWARDED.filter((name) => !OF_TERMINALS.includes(name)) : FORWARDED;
  const listeners = names.map((name) => {
    const listener = () => send(SIG[name]);
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return () => listeners.forEach(({ name, listener }) => Deno.removeSignalListener(name, listener));
}
