/** Reads whether AppArmor is on: the kernel has it, and it was not switched off at boot. @see apparmor(7) */

import { readText } from "./read_text.ts";

/** Tells whether this machine's kernel applies AppArmor profiles. */
export function readHasAppArmor(): boolean {
  return readText("/sys/module/apparmor/parameters/enabled").trim() === "Y";
}
