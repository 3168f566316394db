/** Host directories and files whose ids root outside shifts for a container. Pure. */

import { MOUNT_ATTR, MS } from "../../ffi/constants/mount.ts";
import { O } from "../../ffi/constants/open.ts";
import { USER_NAMESPACE } from "./descriptors.ts";
import { call, slot } from "./operation.ts";
import { openTree, type PlanBuilder, setAttributes } from "./plan_builder.ts";
import { shellWord } from "./shell_word.ts";
import { idmappedSources } from "./sources.ts";

/** Opens each source, shifts it by the user namespace at its number, and leaves it under a number of its own. */
export function addShiftedSources(builder: PlanBuilder): void {
  // A copy of a shared mount is its peer: what the container mounts on it would appear on the host.
  const propagation = builder.spec.linux.rootfsPropagation === "private" ? MS.MS_PRIVATE : MS.MS_SLAVE;
  for (const { path, descriptor, isRecursive } of idmappedSources(builder)) {
    const tree = builder.name("tree");
    const set = { attributes: MOUNT_ATTR.MOUNT_ATTR_IDMAP, propagation, userNamespace: USER_NAMESPACE };
    builder.add({
      label: `shift the ids of ${path}`,
      shell: `mount --bind -o X-mount.idmap=/proc/PID/ns/user ${shellWord(path)} /mnt`,
      reason: "Files of root on the disk become files of root in the container, without changing the disk.",
      man: "mount_setattr(2)",
    }, [
      openTree(path, tree, { isRecursive }),
      setAttributes(slot(tree), set, isRecursive),
      call("dup3", [slot(tree), descriptor, O.O_CLOEXEC]),
      // Kept open, the 70th would be given the number that is to be its copy's: dup3(2), EINVAL.
      call("close", [slot(tree)]),
    ]);
  }
}
