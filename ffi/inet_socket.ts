/** Sockets of the Internet's protocols, as far as a port has to be tried. @see ip(7), ipv6(7) */

import { AF, IPPROTO, IPV6, SO, SOCK, SOL } from "./constants/netlink.ts";
import { Fd, outcomeFd } from "./fd.ts";
import { sockaddrIn, sockaddrIn6 } from "./layout/structs.ts";
import { type Outcome, outcome, success } from "./outcome.ts";
import { syscall } from "./syscall.ts";

/** An address of 4 or 16 bytes in network order, and a port. */
export interface InetAddress {
  readonly bytes: readonly number[];
  /** 0: any that is free. */
  readonly port: number;
}

/** A socket that has a port. */
export interface Bound {
  readonly socket: Fd;
  readonly port: number;
}

/** Takes a port, O_CLOEXEC: of tcp it listens there. @see bind(2), listen(2) */
export function bindPort(protocol: "tcp" | "udp", { bytes, port }: InetAddress): Outcome<Bound> {
  const family = bytes.length === 4 ? AF.AF_INET : AF.AF_INET6;
  const type = protocol === "tcp" ? SOCK.SOCK_STREAM : SOCK.SOCK_DGRAM;
  const made = outcomeFd(syscall("socket", family, type | SOCK.SOCK_CLOEXEC, 0));
  if (!made.ok) return made;
  using undo = new DisposableStack();
  const socket = undo.use(made.value);
  // Connections that are over do not keep the port; two addresses of one port are two.
  if (protocol === "tcp") set(socket.number, SOL.SOL_SOCKET, SO.SO_REUSEADDR);
  if (family === AF.AF_INET6) set(socket.number, IPPROTO.IPPROTO_IPV6, IPV6.IPV6_V6ONLY);
  const address = encode(bytes, port);
  const bound = outcome(syscall("bind", socket.number, address, address.length));
  if (!bound.ok) return bound;
  if (protocol === "tcp") {
    const listening = outcome(syscall("listen", socket.number, 128));
    if (!listening.ok) return listening;
  }
  const size = new Int32Array([address.length]);
  const named = outcome(syscall("getsockname", socket.number, address, size));
  if (!named.ok) return named;
  undo.move();
  // Both kinds have the port behind the family, in network order.
  return success({ socket, port: new DataView(address.buffer).getUint16(2) });
}

function set(socket: number, level: number, option: number): void {
  // What can't be set makes the port harder to have, and not another one.
  syscall("setsockopt", socket, level, option, new Int32Array([1]), 4);
}

function encode(bytes: readonly number[], port: number): Uint8Array<ArrayBuffer> {
  const inOrder = [port >> 8, port & 0xff];
  return bytes.length === 4
    ? sockaddrIn.encode({ sin_family: AF.AF_INET, sin_port: inOrder, sin_addr: [...bytes] })
    : sockaddrIn6.encode({ sin6_family: AF.AF_INET6, sin6_port: inOrder, sin6_addr: [...bytes] });
}
