/** What could connect a container to the network of this machine, without root's rights. Source: pasta(1), slirp4netns(1). */

import { AT_FDCWD, OK } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { syscall } from "../../ffi/syscall.ts";
import type { NetworkHelper } from "./host_facts.ts";
import { findHelper } from "./id_map.ts";
import { readText } from "./read_text.ts";

/** A program that can do it, or why nothing can. */
export type NetworkChoice =
  | Omit<NetworkHelper, "ports">
  | { readonly lack: string; readonly remedy: string };

/** Of Debian, Fedora, Arch and Alpine alike. */
const PACKAGES: Readonly<Record<NetworkHelper["kind"], string>> = {
  pasta: "passt",
  slirp4netns: "slirp4netns",
};

/** What both helpers put into the container: packets come out of it as bytes. */
const TUN = "/dev/net/tun";

/** Chooses the first helper that is there. */
export function chooseNetwork(names: readonly NetworkHelper["kind"][]): NetworkChoice {
  const found = names.flatMap((kind) => {
    const path = findHelper(kind);
    return path === undefined ? [] : [{ kind, path }];
  })[0];
  if (found === undefined) {
    return {
      lack: `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} not installed`,
      remedy: `install ${PACKAGES[names[0]!]}`,
    };
  }
  if (syscall("faccessat", AT_FDCWD, cString(TUN), OK.R_OK | OK.W_OK) !== 0) {
    return { lack: `${TUN} is not open to you`, remedy: `as root: chmod 666 ${TUN}` };
  }
  // A helper copies the addresses of the device that leads out.
  return hasDefaultRoute()
    ? { ...found, forwardsNames: forwardsNames(found.kind) }
    : { lack: "this machine has no default route", remedy: "connect it first" };
}

/** Whether something leads out of this machine. Source: proc_net_route, /proc/net/ipv6_route of the kernel. */
function hasDefaultRoute(): boolean {
  const isDefault4 = (line: string) => /^\S+\s+00000000\s/.test(line);
  // Unreachable routes of the same form belong to the loopback device.
  const isDefault6 = (line: string) => /^0{32} 00 /.test(line) && !/\slo$/.test(line);
  return readText("/proc/net/route").split("\n").some(isDefault4) ||
    readText("/proc/net/ipv6_route").split("\n").some(isDefault6);
}

/** Addresses that are another machine's, or nobody's, in the container: of loopback, and of one link. */
const NEAR = /^(127\.|::1$|0\.0\.0\.0$|fe80:)/i;

/** Whether a container behind that helper can't ask all of the machine's name servers itself. */
function forwardsNames(kind: NetworkHelper["kind"]): boolean {
  const servers = [...readText("/etc/resolv.conf").matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, each]) =>
    each!
  );
  const canAsk = (address: string) => !NEAR.test(address) && (kind === "pasta" || !address.includes(":"));
  return servers.length === 0 || !servers.every(canAsk);
}
