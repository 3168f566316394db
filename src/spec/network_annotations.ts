/** Keeps in a configuration which network a container has, and what of it is published. Pure. */

import { CtrError } from "../errors.ts";
import { isConnected, renderPort } from "./network.ts";
import { type ExposedPort, parseExpose } from "./parse_publish.ts";
import type { RunRequest } from "./request.ts";
import { ANNOTATION } from "./types.ts";

/**
 * Makes the annotations of the network, of --publish, --publish-all and --expose; `exposed` is what the image exposes.
 *
 * @throws {CtrError} code "usage" where nothing could reach a port that is to be published
 */
export function networkAnnotations(
  { network, ports = [], exposedPorts = [], publishAll }: RunRequest,
  exposed: readonly string[],
): Readonly<Record<string, string>> {
  const published = ports.flat();
  const all = [...exposed.flatMap(parseExpose), ...exposedPorts.flat(), ...published].map(
    ({ port, protocol }) => ({ port, protocol }),
  );
  const unpublished = all.filter((port) => !published.some((each) => isSame(each, port)));
  const shown = [...published, ...(publishAll ? unique(unpublished) : [])];
  if (shown.length > 0 && !isConnected(network)) throw unreachable(network, shown[0]!);
  return {
    ...(isConnected(network) && { [ANNOTATION.network]: network }),
    ...(shown.length > 0 && { [ANNOTATION.ports]: JSON.stringify(shown) }),
    ...(publishAll && { [ANNOTATION.publishAll]: "true" }),
    ...(all.length > 0 && { [ANNOTATION.exposedPorts]: unique(all).map(renderPort).join(",") }),
  };
}

function isSame(one: ExposedPort, other: ExposedPort): boolean {
  return one.port === other.port && one.protocol === other.protocol;
}

function unique(ports: readonly ExposedPort[]): readonly ExposedPort[] {
  return ports.filter((port, index) => ports.findIndex((each) => isSame(each, port)) === index);
}

function unreachable(network: string, port: ExposedPort): CtrError {
  const [problem, hint] = network === "host"
    ? [
      "it is this machine's network",
      "Leave it out: what listens in the container is reached as if it ran outside",
    ]
    : network === "none"
    ? ["nothing leads into it", "Write --network private as well, which connects the container"]
    : ["it is the other container's", "Publish it with the container whose network is joined"];
  return new CtrError(
    "usage",
    `Cannot publish port ${renderPort(port)} with --network ${network}: ${problem}`,
    {
      hint,
    },
  );
}
