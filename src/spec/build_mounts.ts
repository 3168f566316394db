/** Puts a container's mounts in order: defaults, engine files, then the user's. Pure. */

import { CtrError } from "../errors.ts";
import { isAtOrBelow, type PathBase, pathDepth, resolvePath } from "./clean_path.ts";
import { defaultMounts, ENGINE_FILES, type SysFacts } from "./default_profile.ts";
import type { MountRequest } from "./request.ts";
import type { Mount } from "./types.ts";

/** What the mounts depend on besides the user's. */
export interface MountFacts extends SysFacts, PathBase {
  /** Absolute; holds the engine files. */
  readonly containerDirectory: string;
  /** Whether engine files are read-only, as the root is. */
  readonly readOnly: boolean;
}

/**
 * Builds the list of mounts. A default mount at or below one of the user's is left out: it would be hidden, or
 * have to be made inside the user's own directory. The user's are sorted by depth, so that none hides another.
 *
 * @throws {CtrError} code "usage" when two of the user's have one destination
 */
export function buildMounts(requests: readonly MountRequest[], facts: MountFacts): readonly Mount[] {
  refuseDuplicates(requests);
  const isHidden = ({ destination }: Mount) =>
    requests.some((request) => isAtOrBelow(destination, request.destination));
  const users = requests
    .map((request) =>
      request.type === "bind" ? { ...request, source: resolvePath(request.source, facts) } : request
    )
    .sort((a, b) => pathDepth(a.destination) - pathDepth(b.destination));
  return [...[...defaultMounts(facts), ...engineMounts(facts)].filter((mount) => !isHidden(mount)), ...users];
}

function engineMounts({ containerDirectory, readOnly }: MountFacts): readonly Mount[] {
  return ENGINE_FILES.map(({ name, destination }) => ({
    destination,
    type: "bind",
    source: `${containerDirectory}/${name}`,
    options: ["rbind", "rprivate", ...(readOnly ? ["ro"] : [])],
  }));
}

function refuseDuplicates(requests: readonly MountRequest[]): void {
  const seen = new Set<string>();
  for (const { destination } of requests) {
    if (seen.has(destination)) {
      throw new CtrError("usage", `Cannot mount ${JSON.stringify(destination)}: duplicate mount point`, {
        hint: "Give each path in the container one -v, --mount or --tmpfs",
      });
    }
    seen.add(destination);
  }
}
