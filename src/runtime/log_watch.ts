/** What those share who follow a container's files: a watch over its log, and the words for a watch that can't be had. */

import { errnoText } from "../../ffi/constants/errno.ts";
import { IN } from "../../ffi/constants/inotify.ts";
import type { Fd } from "../../ffi/fd.ts";
import { addWatch, openInotify } from "../../ffi/inotify.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";

/** Gives the value of what following needs. @throws {CtrError} code "syscall" */
export function mustFollow<Value>(result: Outcome<Value>, what: string): Value {
  if (result.ok) return result.value;
  throw new CtrError("syscall", `Cannot ${what}: ${errnoText(result.errno)}`, {
    hint: "Close other programs that follow files, or raise /proc/sys/fs/inotify/max_user_instances",
  });
}

/** Opens a descriptor that tells of what is written to the log in that directory of a container. */
export function watchLog(directory: string, what: string): Fd {
  using undo = new DisposableStack();
  const inotify = undo.use(mustFollow(openInotify(), what));
  const events = IN.IN_MODIFY | IN.IN_MOVED_TO | IN.IN_CREATE;
  mustFollow(addWatch(inotify.number, `${directory}/logs`, events), what);
  undo.move();
  return inotify;
}
