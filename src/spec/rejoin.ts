/** The containers that a container joins, found again for another start. Pure. */

import { JOINABLE, type JoinedContainers, namespacePath } from "./choose_namespaces.ts";
import { ANNOTATION, type Spec } from "./types.ts";

/** Keys of the annotations that hold the ids of the others. */
export const JOINED_ANNOTATION = {
  network: ANNOTATION.networkOf,
  pid: ANNOTATION.pidOf,
  ipc: ANNOTATION.ipcOf,
} as const;

/** Puts the others' present processes in the place of those that they had when the container was made. */
export function rejoin(spec: Spec, joined: JoinedContainers): Spec {
  const first = JOINABLE.map((kind) => joined[kind]).find((each) => each !== undefined);
  if (first === undefined) return spec;
  const others: Partial<Record<string, { readonly pid: number }>> = { ...joined, user: first };
  const before = spec.linux.namespaces.find(({ type }) => type === "ipc")?.path;
  const memory = before?.replace(/ns\/ipc$/, "root/dev/shm");
  return {
    ...spec,
    mounts: spec.mounts.map((mount) =>
      mount.destination === "/dev/shm" && mount.source === memory && joined.ipc !== undefined
        ? { ...mount, source: `/proc/${joined.ipc.pid}/root/dev/shm` }
        : mount
    ),
    linux: {
      ...spec.linux,
      namespaces: spec.linux.namespaces.map((namespace) => {
        const other = others[namespace.type];
        if (namespace.path === undefined || other === undefined) return namespace;
        return { ...namespace, path: namespacePath(namespace.type, other.pid) };
      }),
    },
  };
}
