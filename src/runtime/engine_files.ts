/** The files that myctr writes for each container: its names, and where names are asked for. */

import { readText } from "../host/read_text.ts";
import type { Spec } from "../spec/types.ts";

const LOOPBACK = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
].join("\n");

/** Builds resolv.conf, hosts and hostname. With the host's network, its own first two are copied. */
export function engineFiles(spec: Spec): Record<string, string> {
  const hostname = spec.hostname ?? "";
  const isHostNetwork = !spec.linux.namespaces.some(({ type }) => type === "network");
  const hosts = isHostNetwork ? readText("/etc/hosts").trimEnd() || LOOPBACK : LOOPBACK;
  return {
    "hostname": `${hostname}\n`,
    "hosts": isHostNetwork ? `${hosts}\n127.0.1.1\t${hostname}\n` : `${hosts}\n127.0.0.1\t${hostname}\n`,
    // Without a network nobody can be asked.
    "resolv.conf": isHostNetwork ? readText("/etc/resolv.conf") : "",
  };
}
