/** The files that myctr writes for each container: its names, and where names are asked for. */

import { readText } from "../host/read_text.ts";
import { NAME_SERVER } from "../plan/network_helper.ts";
import type { NetworkHelper } from "../host/host_facts.ts";
import { containerDirectory } from "./container_state.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";

const LOOPBACK = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
].join("\n");

/**
 * Builds resolv.conf, hosts and hostname. With the host's network, its own first two are the beginning; with a helper,
 * `helper`, its name servers, or the helper in their place.
 */
export function engineFiles(spec: Spec, helper?: NetworkHelper): Record<string, string> {
  const { hostname = "", domainname } = spec;
  const networkOf = spec.annotations[ANNOTATION.networkOf];
  if (networkOf !== undefined) {
    const files = ["hosts", "resolv.conf"].map((
      name,
    ) => [name, readText(`${containerDirectory(networkOf)}/${name}`)]);
    return { hostname: `${hostname}\n`, ...Object.fromEntries(files) };
  }
  const isHostNetwork = !spec.linux.namespaces.some(({ type }) => type === "network");
  const hosts = isHostNetwork ? readText("/etc/hosts").trimEnd() || LOOPBACK : LOOPBACK;
  const names = domainname === undefined ? hostname : `${hostname}.${domainname} ${hostname}`;
  const added = spec.annotations[ANNOTATION.hosts];
  // Resolvers take the first line that fits: what was asked for comes before what stands there anyway.
  const lines = [
    ...(added === undefined ? [] : [added]),
    hosts,
    `127.0.${isHostNetwork ? 1 : 0}.1\t${names}`,
  ];
  return {
    "hostname": `${hostname}\n`,
    "hosts": `${lines.join("\n")}\n`,
    "resolv.conf": resolvConf(isHostNetwork ? readText("/etc/resolv.conf") : resolversBehind(helper), spec),
  };
}

/** The machine's resolv.conf, as it is good behind a helper. Without a network nobody can be asked. */
function resolversBehind(helper: NetworkHelper | undefined): string {
  if (helper === undefined) return "";
  const lines = readText("/etc/resolv.conf").split("\n").filter((line) => !/^\s*([#;]|$)/.test(line));
  const found = helper.forwardsNames
    ? [`nameserver ${NAME_SERVER[helper.kind]}`, ...lines.filter((line) => !/^\s*nameserver\s/.test(line))]
    : lines;
  return found.map((line) => `${line}\n`).join("");
}

/** Words of resolv.conf(5), and the annotation that replaces all lines that begin with one of them. */
const RESOLVER_LINES = [
  { words: ["nameserver"], key: ANNOTATION.nameServers, isLineEach: true },
  { words: ["search", "domain"], key: ANNOTATION.searchDomains, isLineEach: false },
  { words: ["options"], key: ANNOTATION.resolverOptions, isLineEach: false },
] as const;

/** As docker does: of each kind, what was asked for takes the place of what stands in `text`. */
function resolvConf(text: string, { annotations }: Spec): string {
  let result = text;
  for (const { words: [word, ...more], key, isLineEach } of RESOLVER_LINES) {
    const given = annotations[key];
    if (given === undefined) continue;
    const replaced = new RegExp(`^[ \\t]*(?:${[word, ...more].join("|")})(?:[ \\t].*)?(?:\\n|$)`, "gm");
    const kept = result.replace(replaced, "").replace(/([^\n])$/, "$1\n");
    const values = given.split(" ").filter((value) => value !== ".");
    const lines = isLineEach ? values.map((value) => `${word} ${value}`) : [`${word} ${values.join(" ")}`];
    result = values.length === 0 ? kept : `${kept}${lines.join("\n")}\n`;
  }
  return result;
}
