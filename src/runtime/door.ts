/** The door of a container: a socket in its directory, where who wants to type to it asks for its input. */

import { errnoText } from "../../ffi/constants/errno.ts";
import type { Fd } from "../../ffi/fd.ts";
import { connectTo, listenAt, receiveDescriptor } from "../../ffi/unix_socket.ts";
import { CtrError } from "../errors.ts";

const NAME = "door";
/** So many may wait to be let in, which takes microseconds. */
const BACKLOG = 64;

/** Makes the door of a container that is being started, in place of that of an earlier start. */
export function openDoor(directory: string): Fd {
  try {
    Deno.removeSync(`${directory}/${NAME}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const door = listenAt(directory, NAME, BACKLOG);
  if (door.ok) return door.value;
  throw new CtrError("syscall", `Cannot make a socket in "${directory}": ${errnoText(door.errno)}`, {
    hint: "Choose a --root on a file system of this machine",
  });
}

/** Asks for the input of a container that runs: its terminal, or the pipe that it reads; undefined where it has no door. */
export function maybeEnter(directory: string): Fd | undefined {
  const socket = connectTo(directory, NAME);
  if (!socket.ok) return undefined;
  using line = socket.value;
  const input = receiveDescriptor(line.number);
  return input.ok ? input.value : undefined;
}
