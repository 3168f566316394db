/** The container whose network another one joins. */

import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { readText } from "../host/read_text.ts";
import { idMapLines } from "../plan/id_maps.ts";
import type { JoinedContainer } from "../spec/choose_namespaces.ts";
import type { RunRequest } from "../spec/request.ts";
import { maybeReadState, readPidStart } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";

/** A running container, and what tells its process from a later one with its number. */
export interface Joined extends JoinedContainer {
  readonly reference: string;
  readonly pidStart: string;
}

/**
 * Finds the container of --network=container:NAME.
 *
 * @throws {CtrError} code "not_found", "bad_state" (it does not run), "usage" (it has the host's network)
 */
export function maybeFindJoined(network: RunRequest["network"]): Joined | undefined {
  if (!network.startsWith("container:")) return undefined;
  const reference = network.slice("container:".length);
  const id = findContainer(reference);
  const { pid, pidStart } = maybeReadState(id) ?? {};
  if (!isLocked(id) || pid === undefined || pidStart === undefined || readPidStart(pid) !== pidStart) {
    throw notRunning(reference);
  }
  if (isOurs(pid, "net")) {
    throw new CtrError("usage", `Cannot join the network of "${reference}": it is this machine's`, {
      hint: "Write --network=host",
    });
  }
  return { reference, id, pid, pidStart, hasUserNamespace: !isOurs(pid, "user") };
}

function isOurs(pid: number, kind: string): boolean {
  return Deno.readLinkSync(`/proc/${pid}/ns/${kind}`) === Deno.readLinkSync(`/proc/self/ns/${kind}`);
}

/** Whether the ids are mapped already, as they are in the user namespace of a container that is joined. */
export function isMapped(joined: Joined | undefined, idMap: IdMap): boolean {
  return joined !== undefined && idMap.kind !== "host";
}

/**
 * Refuses to share users whose ids are not those that this container would have.
 *
 * @throws {CtrError} code "unsupported"
 */
export function refuseOtherMap({ pid, reference }: Joined, idMap: IdMap): void {
  if (idMap.kind === "host") return;
  const lines = idMapLines(idMap);
  // The kernel keeps more than five lines sorted: user_namespaces(7).
  const plain = (text: string) =>
    text.trim().split("\n").map((line) => line.trim().split(/\s+/).join(" ")).sort().join("\n");
  const isSame = (["uid", "gid"] as const).every((kind) =>
    plain(readText(`/proc/${pid}/${kind}_map`)) === plain(lines[kind])
  );
  if (isSame) return;
  throw new CtrError(
    "unsupported",
    `Cannot join the network of "${reference}": its ids are mapped otherwise`,
    {
      hint: "Start both containers with the same --userns, --uidmap and --gidmap, as the same user",
    },
  );
}

/**
 * Makes sure, once its namespaces have been opened, that they were its own and no later process's.
 *
 * @throws {CtrError} code "bad_state"
 */
export function refuseEnded({ pid, pidStart, reference }: Joined): void {
  if (readPidStart(pid) !== pidStart) throw notRunning(reference);
}

function notRunning(reference: string): CtrError {
  return new CtrError("bad_state", `Cannot join the network of "${reference}": it is not running`, {
    hint: 'See "myctr list -a"',
  });
}
