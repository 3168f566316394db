/** What of a configuration the user asked for, told from what every container gets. Pure. */

import { ENGINE_FILES } from "./default_profile.ts";
import { PROPAGATION_WORDS } from "./mount_options.ts";
import type { Mount, Spec } from "./types.ts";

/** Lists the binds of -v and --mount. */
export function userBinds({ mounts }: Spec): readonly Mount[] {
  return mounts.filter((mount) =>
    mount.type === "bind" && propagationOf(mount) !== undefined && !isEngineFile(mount)
  );
}

/** Lists what --tmpfs and --mount have put there: their first word is an access, which the default ones lack. */
export function userTmpfs({ mounts }: Spec): readonly Mount[] {
  return mounts.filter(({ type, options }) =>
    type === "tmpfs" && (options[0] === "rw" || options[0] === "ro")
  );
}

/** The word that says how mounts spread; a part of the machine that every container gets has none. */
export function propagationOf({ options }: Mount): string | undefined {
  return PROPAGATION_WORDS.find((word) => options.includes(word));
}

/** They lie in the container's own directory. */
function isEngineFile({ source, destination }: Mount): boolean {
  return ENGINE_FILES.some((file) =>
    file.destination === destination && new RegExp(`/containers/[0-9a-f]{64}/${file.name}$`).test(source)
  );
}
