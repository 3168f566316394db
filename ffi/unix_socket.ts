/** Sockets of this machine, and descriptors that pass through them. @see unix(7) */

import { AF, MSG, SCM, SOCK } from "./constants/netlink.ts";
import { O } from "./machine.ts";
import { ERRNO } from "./constants/errno.ts";
import { Fd, outcomeFd } from "./fd.ts";
import { openPath } from "./file.ts";
import { cmsghdr, iovec, msghdr, sockaddrUn } from "./layout/structs.ts";
import { failure, type Outcome, outcome, retryInterrupted, success } from "./outcome.ts";
import { syscall } from "./syscall.ts";

/** Of a descriptor in a message; and of ancillary data with one, rounded up. */
const FD_SIZE = 4;
const CONTROL_SIZE = cmsghdr.size + 8;

/** Two sockets that are connected to each other. */
export interface SocketPair extends Disposable {
  readonly ours: Fd;
  readonly theirs: Fd;
}

/** Makes a pair of sockets, both O_CLOEXEC. @see socketpair(2) */
export function openSocketPair(): Outcome<SocketPair> {
  const fds = new Int32Array(2);
  const made = outcome(syscall("socketpair", AF.AF_UNIX, SOCK.SOCK_STREAM | SOCK.SOCK_CLOEXEC, 0, fds));
  if (!made.ok) return made;
  const [ours, theirs] = [new Fd(fds[0]!), new Fd(fds[1]!)];
  function dispose(): void {
    ours[Symbol.dispose]();
    theirs[Symbol.dispose]();
  }
  return success({ ours, theirs, [Symbol.dispose]: dispose });
}

/** Listens at a name in a directory, where nothing may be yet. Others wait in a queue of `backlog`. */
export function listenAt(directory: string, name: string, backlog: number): Outcome<Fd> {
  return withSocket(directory, name, (socket, address) => {
    const bound = outcome(syscall("bind", socket, address, address.length));
    return bound.ok ? outcome(syscall("listen", socket, backlog)) : bound;
  });
}

/** Connects to who listens there; ECONNREFUSED where nobody does any more. */
export function connectTo(directory: string, name: string): Outcome<Fd> {
  return withSocket(
    directory,
    name,
    (socket, address) => retryInterrupted(() => outcome(syscall("connect", socket, address, address.length))),
  );
}

/** An address has room for 107 bytes of a path: whatever the directory is called, by its descriptor it is short. */
function withSocket(
  directory: string,
  name: string,
  use: (socket: number, address: Uint8Array<ArrayBuffer>) => Outcome<number>,
): Outcome<Fd> {
  const opened = openPath(directory, { flags: O.O_PATH | O.O_DIRECTORY });
  if (!opened.ok) return opened;
  using parent = opened.value;
  const made = outcomeFd(syscall("socket", AF.AF_UNIX, SOCK.SOCK_STREAM | SOCK.SOCK_CLOEXEC, 0));
  if (!made.ok) return made;
  using undo = new DisposableStack();
  const socket = undo.use(made.value);
  const address = sockaddrUn.encode({
    sun_family: AF.AF_UNIX,
    sun_path: [...new TextEncoder().encode(`/proc/self/fd/${parent.number}/${name}`)],
  });
  const used = use(socket.number, address);
  if (!used.ok) return used;
  undo.move();
  return success(socket);
}

/**
 * Receives the descriptor that comes with the next message, O_CLOEXEC; ENODATA where the other side has closed, or sent
 * none. @see recvmsg(2), cmsg(3)
 */
export function receiveDescriptor(socket: number): Outcome<Fd> {
  // One memory for all, which the call is given: nothing of it is let go while the kernel writes there.
  const memory = new Uint8Array(msghdr.size + iovec.size + CONTROL_SIZE + 8);
  const [piece, control] = [msghdr.size, msghdr.size + iovec.size];
  // SAFETY: the addresses lie within `memory`, and the memory of an ArrayBuffer does not move.
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
  const at = (offset: number) => base + BigInt(offset);
  memory.set(iovec.encode({ iov_base: at(control + CONTROL_SIZE), iov_len: 1n }), piece);
  memory.set(
    msghdr.encode({
      msg_iov: at(piece),
      msg_iovlen: 1n,
      msg_control: at(control),
      msg_controllen: BigInt(CONTROL_SIZE),
    }),
  );
  const got = retryInterrupted(() => outcome(syscall("recvmsg", socket, memory, MSG.MSG_CMSG_CLOEXEC)));
  if (!got.ok) return got;
  const { cmsg_len, cmsg_level, cmsg_type } = cmsghdr.decode(memory.subarray(control));
  const isDescriptor = cmsg_level === SCM.SOL_SOCKET && cmsg_type === SCM.SCM_RIGHTS;
  if (got.value === 0 || !isDescriptor || cmsg_len !== BigInt(cmsghdr.size + FD_SIZE)) {
    return failure(ERRNO.ENODATA);
  }
  return success(new Fd(new DataView(memory.buffer).getInt32(control + cmsghdr.size, true)));
}
