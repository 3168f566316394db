/** What myctr runs of its own beside a container, or for one that has ended; and its end at any time. */

import { readIfThere } from "../setup/needs.ts";
import { pids } from "./traces.ts";

/** Those that wait, decide, start or check; what waits does not say for which container. */
export function ownProcessesOf(id: string): number[] {
  return pids().filter((pid) => {
    const words = readIfThere(`/proc/${pid}/cmdline`);
    return words.startsWith("myctr: waits") || /__(start|restart|health)\0/.test(words) && words.includes(id);
  });
}

/** Kills them. */
export function killOwnProcessesOf(id: string): void {
  for (const pid of ownProcessesOf(id)) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
