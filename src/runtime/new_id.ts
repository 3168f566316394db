/** Ids that nobody else has. */

import { outcome, unwrap } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";

/** Makes 256 bits as 64 hexadecimal digits. The kernel's own call: Web Crypto would have to be loaded first. */
export function newId(): string {
  const bytes = new Uint8Array(32);
  unwrap(outcome(syscall("getrandom", bytes, bytes.length, 0)), "get random bytes");
  return bytes.toHex();
}
