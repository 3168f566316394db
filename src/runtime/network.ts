/** Waits until a container's network is there, and says what its helper says. */

import { openPipe, read, readAll, writeAll } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { connectTo } from "../../ffi/unix_socket.ts";
import type { NetworkHelper, PortBinding } from "../host/host_facts.ts";
import { API_SOCKET } from "../plan/network_helper.ts";
import { renderAddress } from "../spec/network.ts";

/** What a network helper is heard by. */
export interface NetworkEar extends Disposable {
  /** What the program is given: closed here once it has it. */
  readonly theirs: Fd;
  /** Waits for the network. @throws {CtrError} code "unsupported" where the helper ends before */
  await(): void;
}

/** Both say a number when they are ready: pasta its own, as its file of the pid; slirp4netns a 1. */
const IS_READY = /^\d+\n?$/m;
/** What pasta adds where there is no system log. */
const NOISE = /^Failed to send \d+ bytes to syslog\n/gm;

/** Makes it. `directory` is the container's own. */
export function openNetworkEar({ kind, ports }: NetworkHelper, directory: string): NetworkEar {
  const { reader, writer } = unwrap(openPipe(), "make a pipe");
  return {
    theirs: writer,
    await() {
      let said = "";
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(4096);
      while (!IS_READY.test(said)) {
        const count = unwrap(read(reader.number, buffer), `hear ${kind}`);
        if (count === 0) throw failed(kind, said);
        said += decoder.decode(buffer.subarray(0, count), { stream: true });
      }
      if (kind === "slirp4netns") ports.forEach((port) => publish(port, directory));
    },
    [Symbol.dispose]() {
      writer[Symbol.dispose]();
      reader[Symbol.dispose]();
    },
  };
}

function failed(kind: string, said: string): CtrError {
  const lines = said.replace(NOISE, "").split("\n").map((line) => line.replace(/^[\d.]+: /, "").trim());
  const last = lines.filter((line) => line !== "").at(-1) ?? "nothing";
  return new CtrError(
    "unsupported",
    `Cannot connect the container: ${kind} ended, and says ${JSON.stringify(last)}`,
    {
      hint: "Choose another --network: none needs no help",
    },
  );
}

/** Asks slirp4netns for a port. Source: slirp4netns(1), "API socket". */
function publish({ address, hostPort, port, protocol }: PortBinding, directory: string): void {
  using socket = unwrap(connectTo(directory, API_SOCKET), "ask slirp4netns for a port");
  const words = {
    execute: "add_hostfwd",
    arguments: { proto: protocol, host_addr: address, host_port: hostPort, guest_port: port },
  };
  unwrap(
    writeAll(socket.number, new TextEncoder().encode(JSON.stringify(words))),
    "ask slirp4netns for a port",
  );
  const answer = new TextDecoder().decode(unwrap(readAll(socket.number, 4096), "hear slirp4netns"));
  if (/"return"/.test(answer)) return;
  throw new CtrError(
    "unsupported",
    `Cannot publish a port at ${renderAddress(address, hostPort)}: slirp4netns says ${answer.trim()}`,
    { hint: "Choose another port" },
  );
}
