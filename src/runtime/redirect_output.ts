/** Sends what programs write to standard output where errors go. */

import { dup } from "../../ffi/descriptor.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";

/** From now on, and until it is disposed of, standard output is standard error: what a command prints is no result. */
export function outputToErrors(): Disposable {
  const before = unwrap(dup(1), "keep standard output");
  syscall("dup3", 2, 1, 0);
  return {
    [Symbol.dispose]() {
      syscall("dup3", before.number, 1, 0);
      before[Symbol.dispose]();
    },
  };
}
