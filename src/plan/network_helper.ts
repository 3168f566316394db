/** The command lines of the programs that connect a container. Source: pasta(1), slirp4netns(1). Pure. */

import type { NetworkHelper, PortBinding } from "../host/host_facts.ts";
import type { Protocol } from "../spec/parse_publish.ts";

/** Where the helper finds what it is given: newer ones close whatever else they have. */
export const HELPER_FD = { network: 0, users: 1, says: 2 } as const;

/** Where pasta answers for the machine's own name server; and slirp4netns for it, and as what. */
export const NAME_SERVER = { pasta: "169.254.1.1", slirp4netns: "10.0.2.3" } as const;

/** Where slirp4netns is asked for ports, in the container's own directory. */
export const API_SOCKET = "network.sock";

const own = (fd: number) => `/proc/self/fd/${fd}`;

/** Builds the helper's words, its own name first. */
export function helperWords(
  { kind, path, ports, forwardsNames }: NetworkHelper,
  { isRoot, hasUsers }: { readonly isRoot: boolean; readonly hasUsers: boolean },
): readonly string[] {
  const { network, users, says } = HELPER_FD;
  if (kind === "slirp4netns") {
    return [
      path,
      "--configure",
      "--mtu=65520",
      // The machine's own services at its loopback address are not for containers.
      "--disable-host-loopback",
      // Its sandbox needs the number of the container's process, which nobody knows when this is written.
      "--enable-seccomp",
      // Ports are asked for by a socket in the container's own directory.
      ...(ports.length > 0 ? ["--api-socket", API_SOCKET] : []),
      `--ready-fd=${says}`,
      "--netns-type=path",
      ...(hasUsers ? [`--userns-path=${own(users)}`] : []),
      own(network),
      "tap0",
    ];
  }
  return [
    path,
    "--foreground",
    "--quiet",
    "--config-net",
    "--no-map-gw",
    // Some of its versions change the sender of every answer then: who asks a server directly gets none.
    ...(forwardsNames ? ["--dns-forward", NAME_SERVER.pasta] : []),
    ...(["tcp", "udp"] as const).flatMap((protocol) => pastaPorts(protocol, ports)),
    // Nothing of the machine's loopback device is for the container.
    ...["-T", "none", "-U", "none"],
    // As nobody, its choice for root, it could not open the container's namespaces.
    ...(isRoot ? ["--runas", "0:0"] : []),
    ...["--pid", own(says)],
    ...["--netns", own(network)],
    ...(hasUsers ? ["--userns", own(users)] : []),
  ];
}

function pastaPorts(protocol: Protocol, ports: readonly PortBinding[]): readonly string[] {
  const flag = protocol === "tcp" ? "-t" : "-u";
  const mine = ports.filter((port) => port.protocol === protocol);
  if (mine.length === 0) return [flag, "none"];
  return mine.flatMap(({ address, hostPort, port }) => [flag, `${address}/${hostPort}:${port}`]);
}
