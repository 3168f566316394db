/** Chooses the machine's ports at which a container's are reached, and finds out that they are free. */

import { ERRNO, errnoText } from "../../ffi/constants/errno.ts";
import { bindPort, type Bound } from "../../ffi/inet_socket.ts";
import { CtrError } from "../errors.ts";
import type { NetworkHelper, PortBinding } from "../host/host_facts.ts";
import { addressBytes } from "../spec/ip_address.ts";
import { LOOPBACK_ADDRESS, renderAddress } from "../spec/network.ts";
import type { PublishedPort } from "../spec/parse_publish.ts";

/**
 * Gives the bindings, in order. Each is taken for a moment, all at the same time, so that no two are the same.
 *
 * @throws {CtrError} code "conflict" for a port that is taken, "unsupported" for one that is not the caller's to take
 */
export function choosePorts(
  ports: readonly PublishedPort[],
  { kind, path }: Pick<NetworkHelper, "kind" | "path">,
): readonly PortBinding[] {
  using taken = new DisposableStack();
  const other = ports.find(({ address = "" }) => address.includes(":"));
  if (kind === "slirp4netns" && other !== undefined) {
    throw new CtrError(
      "unsupported",
      `Cannot publish a port at ${other.address}: slirp4netns knows IPv4 alone`,
      {
        hint: "Install passt, or write an address of IPv4",
      },
    );
  }
  const bindings = ports.map((port) => {
    const { address = LOOPBACK_ADDRESS, protocol } = port;
    const { socket, port: hostPort } = take(port, address);
    taken.use(socket);
    return { address, hostPort, port: port.port, protocol };
  });
  refuseLossy(bindings.filter(({ protocol }) => protocol === "udp"), { kind, path });
  return bindings;
}

/** The first one that keeps track of what is sent by udp, and so finds the way back. */
const TRACKING_PASTA = "2024_07_26";

/** What is asked gets no answer there: tried with pasta of 2023 and slirp4netns 1.2. */
function refuseLossy(
  bindings: readonly PortBinding[],
  { kind, path }: Pick<NetworkHelper, "kind" | "path">,
): void {
  const fail = ({ address, hostPort }: PortBinding, problem: string, hint: string) =>
    new CtrError(
      "unsupported",
      `Cannot publish a port of udp at ${renderAddress(address, hostPort)}: ${problem}`,
      {
        hint,
      },
    );
  if (kind === "slirp4netns") {
    const near = bindings.find(({ address }) => address.startsWith("127."));
    if (near === undefined) return;
    throw fail(
      near,
      "slirp4netns loses the answers to this machine",
      "Install passt, or write another address of this machine",
    );
  }
  const other = bindings.find(({ hostPort, port }) => hostPort !== port);
  if (other === undefined || pastaVersion(path) >= TRACKING_PASTA) return;
  throw fail(
    other,
    "this pasta loses the answers where the two ports differ",
    `Write the same port twice, or install a passt of ${TRACKING_PASTA.replaceAll("_", "-")} or later`,
  );
}

/** As `2024_07_26.57a21d2`; "" where it does not know. */
function pastaVersion(path: string): string {
  const { stdout } = new Deno.Command(path, { args: ["--version"], stdin: "null", stderr: "null" })
    .outputSync();
  return /^pasta (\d{4}_\d\d_\d\d\S*)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "";
}

function take({ protocol, hostPorts: [first, last] = [0, 0] }: PublishedPort, address: string): Bound {
  const bytes = addressBytes(address);
  for (let port = first;; port++) {
    const bound = bindPort(protocol, { bytes, port });
    if (bound.ok) return bound.value;
    if (bound.errno === ERRNO.EADDRINUSE && port < last) continue;
    throw refused(bound.errno, {
      at: renderAddress(address, first === last ? port : `${first}-${last}`),
      port,
    });
  }
}

function refused(errno: number, { at, port }: { readonly at: string; readonly port: number }): CtrError {
  const what = `Cannot publish a port at ${at}`;
  if (errno === ERRNO.EADDRINUSE) {
    return new CtrError("conflict", `${what}: it is taken`, {
      hint: 'Choose another one, or write the container\'s port alone and ask "myctr port"',
    });
  }
  if (errno === ERRNO.EADDRNOTAVAIL) {
    return new CtrError("unsupported", `${what}: the address is not this machine's`, {
      hint: "Leave the address out, or write 0.0.0.0 for all of them",
    });
  }
  if (errno === ERRNO.EACCES) {
    return new CtrError("unsupported", `${what}: low ports are root's`, {
      hint: `Choose one above, or as root: sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
    });
  }
  return new CtrError("syscall", `${what}: ${errnoText(errno)}`);
}
