/** Keeps in a configuration what the OCI model has no field for: names that a container shall know. Pure. */

import { CtrError } from "../errors.ts";
import { HOST_GATEWAY } from "./parse_dns.ts";
import type { RunRequest } from "./request.ts";
import { ANNOTATION } from "./types.ts";

/**
 * Makes the annotations of --add-host, --dns, --dns-search and --dns-option; none where none was given.
 *
 * @throws {CtrError} code "unsupported" for `host-gateway` without the host's network
 */
export function nameAnnotations(request: RunRequest): Readonly<Record<string, string>> {
  const { addedHosts, nameServers, searchDomains, resolverOptions } = request;
  const hosts = addedHosts.map(({ names, address }) =>
    `${findAddress(address, request)}\t${names.join(" ")}`
  );
  return {
    ...(hosts.length > 0 && { [ANNOTATION.hosts]: hosts.join("\n") }),
    ...(nameServers.length > 0 && { [ANNOTATION.nameServers]: nameServers.join(" ") }),
    ...(searchDomains.length > 0 && { [ANNOTATION.searchDomains]: searchDomains.join(" ") }),
    ...(resolverOptions.length > 0 && { [ANNOTATION.resolverOptions]: resolverOptions.join(" ") }),
  };
}

function findAddress(address: string, { network }: RunRequest): string {
  if (address !== HOST_GATEWAY) return address;
  // With the host's own network its loopback address is how services on it are reached.
  if (network === "host") return "127.0.0.1";
  throw new CtrError("unsupported", `Cannot use ${HOST_GATEWAY}: this container has no way to the host`, {
    hint: "Use it with --network host; bridge networks are not there yet",
  });
}
