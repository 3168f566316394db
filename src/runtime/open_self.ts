/** Myctr's own file, for whoever is to become myctr later. */

import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";

/** The file that this process runs, also where its path leads to another one by now: after an upgrade. */
export const SELF = "/proc/self/exe";

/** Opens it as O_PATH. */
export function openSelf(): Fd {
  return unwrap(openPath(SELF, { flags: O.O_PATH }), "open myctr itself");
}
