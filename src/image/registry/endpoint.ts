/** Where a registry answers: its address, and whether it may be asked without encryption. Pure. */

/** docker.io is the name in references; this is who answers to it. Source: docker's documentation of the registry. */
const HUB = { name: "docker.io", host: "registry-1.docker.io" } as const;

/** A registry as it is asked. */
export interface Endpoint {
  /** As in references. */
  readonly registry: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Whether it is of this machine. */
  readonly isLoopback: boolean;
  /** Whether HTTP is allowed, for it and for what it refers to. */
  readonly isPlain: boolean;
}

/** Whether a host, with or without a port, is of this machine. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.split(":", 1)[0]!;
  return name === "localhost" || name.endsWith(".localhost") || /^127(?:\.\d{1,3}){3}$/.test(name) ||
    name === "::1";
}

/** Tells where a registry answers: by HTTPS, but for those of this machine, and those that may be asked without. */
export function endpointOf(registry: string, { isInsecure }: { readonly isInsecure: boolean }): Endpoint {
  const host = registry === HUB.name ? HUB.host : registry;
  const local = isLoopback(host);
  const isPlain = local || isInsecure;
  return { registry, origin: `${isPlain ? "http" : "https"}://${host}`, isLoopback: local, isPlain };
}
