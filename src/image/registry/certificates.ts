/** Certificates for one registry, where docker and podman look for them. Source: containers-certs.d(5); docker's "Verify repository client with certificates". */

import type { ClientOptions } from "./client.ts";

/** A directory for each registry, named as in references. */
const SYSTEM_DIRECTORIES = ["/etc/containers/certs.d", "/etc/docker/certs.d"] as const;

/** Reads the certificates for a registry; `home` is the caller's. */
export function readCertificates(
  registry: string,
  home: string | undefined,
): NonNullable<ClientOptions["certificates"]> {
  const directories = [
    ...(home === undefined ? [] : [`${home}/.config/containers/certs.d`]),
    ...SYSTEM_DIRECTORIES,
  ].map((directory) => `${directory}/${registry}`);
  for (const directory of directories) {
    const names = namesIn(directory);
    const read = (name: string) => Deno.readTextFileSync(`${directory}/${name}`);
    const authorities = names.filter((name) => name.endsWith(".crt")).map(read);
    const own = names.find((name) => name.endsWith(".cert") && names.includes(name.replace(/cert$/, "key")));
    if (authorities.length === 0 && own === undefined) continue;
    return {
      authorities,
      ...(own !== undefined && { own: { cert: read(own), key: read(own.replace(/cert$/, "key")) } }),
    };
  }
  return { authorities: [] };
}

function namesIn(directory: string): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}
