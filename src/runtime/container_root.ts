/** The root of a container as work on its files needs it: of one that runs as it is there, else put together anew. */

import { readPathStatus } from "../../ffi/file.ts";
import { CtrError } from "../errors.ts";
import { readIdMapOf, readOtherNamespaces } from "../host/read_namespaces.ts";
import { ANNOTATION, type RootKind, type Spec } from "../spec/types.ts";
import { userBinds } from "../spec/user_mounts.ts";
import { containerDirectory, readSpec, readState } from "./container_state.ts";
import { maybeHold } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { maybeOpenLive } from "./live_container.ts";
import { openRoot } from "./look_at_root.ts";
import type { MountedRoot, OpenRoot } from "./root_view.ts";

/** A container whose root is at hand; one that does not run is not started until this is disposed of. */
export interface RootedContainer extends Disposable {
  readonly id: string;
  readonly name: string;
  readonly spec: Spec;
  readonly root: MountedRoot | OpenRoot;
}

/**
 * Opens the root of a container. With `hasMounts` its volumes are in it too, as far as they are there, when it does not
 * run; when it does, they are anyway.
 *
 * @throws {CtrError} code "not_found", or "bad_state" where nothing is left of it
 */
export function openContainerRoot(
  reference: string,
  { hasMounts = false }: { readonly hasMounts?: boolean } = {},
): RootedContainer {
  const id = findContainer(reference);
  using undo = new DisposableStack();
  const { name } = readState(id, reference);
  const spec = readSpec(id);
  const live = maybeOpenLive(id, reference);
  if (live !== undefined) undo.use(live);
  const pid = live?.pidfd === undefined ? undefined : live.state.pid;
  if (pid !== undefined) {
    const root = undo.use(openRoot(pid));
    const hasOwnIds = readOtherNamespaces(pid).includes("user");
    const idMap = hasOwnIds ? readIdMapOf(pid) : { kind: "host" } as const;
    const kept = undo.move();
    return { id, name, spec, root: { root, idMap }, [Symbol.dispose]: () => kept[Symbol.dispose]() };
  }
  const held = maybeHold(id);
  if (held === undefined) {
    throw new CtrError(
      "conflict",
      `Cannot look into container "${reference}": it is being started or removed`,
      {
        hint: "Try again",
      },
    );
  }
  undo.use(held);
  refuseGone(reference, spec);
  const kept = undo.move();
  const { root: base, annotations } = spec;
  const mounts = hasMounts ? userBinds(spec).filter(({ source }) => readPathStatus(source).ok) : [];
  const root = { spec: { root: base, annotations, mounts }, containerDirectory: containerDirectory(id) };
  return { id, name, spec, root, [Symbol.dispose]: () => kept[Symbol.dispose]() };
}

/** What was in memory went with the container. */
function refuseGone(reference: string, { annotations }: Spec): void {
  const kind = annotations[ANNOTATION.root] as RootKind;
  if (kind === "overlay" || kind === "directory") return;
  throw new CtrError("bad_state", `Cannot look into container "${reference}": its files were in memory`, {
    hint: "Start it first",
  });
}

/** Where a container's own layer is. @throws {CtrError} code "unsupported" where it has none */
export function upperOf(reference: string, id: string, { annotations }: Spec): string {
  if (annotations[ANNOTATION.root] === "overlay") return `${containerDirectory(id)}/layers/upper`;
  throw new CtrError(
    "unsupported",
    `Cannot tell what container "${reference}" has changed: it has no layer`,
    {
      hint: "Make it of an image, or of --rootfs DIR:O, and without --rootfs-tmpfs",
    },
  );
}

/** Paths at which something is mounted: what stands there was made for that. */
export function mountPlaces({ mounts }: Spec): readonly string[] {
  return mounts.map(({ destination }) => destination);
}
