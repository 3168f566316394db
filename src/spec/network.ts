/** Which network a container has, and what of it is published. Pure. */

import type { ExposedPort, PublishedPort } from "./parse_publish.ts";
import { ANNOTATION, type Spec } from "./types.ts";

/** Programs that connect a container without root's rights, the first that is there. */
export const NETWORK_HELPERS = ["pasta", "slirp4netns"] as const;

export type NetworkHelperName = (typeof NETWORK_HELPERS)[number];

/** `private`: by the best helper there is; `none`: a loopback device alone. */
export type NetworkMode = "none" | "host" | "private" | NetworkHelperName | `container:${string}`;

/** Whether a helper connects it. */
export function isConnected(mode: string): mode is "private" | NetworkHelperName {
  return mode === "private" || (NETWORK_HELPERS as readonly string[]).includes(mode);
}

/** Gives the network: `none`, `host`, `private`, a helper, or `container:ID`. */
export function networkOf({ annotations, linux }: Spec): NetworkMode {
  const joined = annotations[ANNOTATION.networkOf];
  if (joined !== undefined) return `container:${joined}`;
  if (!linux.namespaces.some(({ type }) => type === "network")) return "host";
  return (annotations[ANNOTATION.network] ?? "none") as NetworkMode;
}

/** Where a port is published for which no address is named: whoever wants the whole network to come in says so. */
export const LOOPBACK_ADDRESS = "127.0.0.1";

/** Writes an address with a port. */
export function renderAddress(address: string, port: number | string): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Writes a port of a container as docker names it: `80/tcp`. */
export function renderPort({ port, protocol }: ExposedPort): string {
  return `${port}/${protocol}`;
}

/** Reads which ports are published. */
export function publishedPorts({ annotations }: Spec): readonly PublishedPort[] {
  return JSON.parse(annotations[ANNOTATION.ports] ?? "[]");
}

/** Reads which ports are exposed, as docker names them. */
export function exposedPorts({ annotations }: Spec): readonly string[] {
  return annotations[ANNOTATION.exposedPorts]?.split(",") ?? [];
}
