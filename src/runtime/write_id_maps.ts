/** Writes a new user namespace's id maps. Source: user_namespaces(7), newuidmap(1). */

import { waitPid } from "../../ffi/process.ts";
import { spawn } from "../../ffi/spawn.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { findHelper, ID_HELPERS } from "../host/id_map.ts";
import { idMapLines } from "../plan/id_maps.ts";

/** Writes the maps of the process's user namespace. @throws {CtrError} code "syscall" where the host refuses */
export function writeIdMaps(pid: number, idMap: IdMap): void {
  if (idMap.kind === "host") return;
  const { uid, gid } = idMapLines(idMap);
  if (idMap.kind === "caller") return runHelpers(pid, { uid, gid });
  try {
    // Without rights over the groups outside, nobody inside may drop one: user_namespaces(7).
    if (idMap.kind === "single") Deno.writeTextFileSync(`/proc/${pid}/setgroups`, "deny");
    Deno.writeTextFileSync(`/proc/${pid}/uid_map`, uid);
    Deno.writeTextFileSync(`/proc/${pid}/gid_map`, gid);
  } catch (error) {
    throw new CtrError("syscall", "Cannot map the ids: the kernel refuses the map", {
      hint: "Look at /etc/subuid and /etc/subgid, and whether a security module restricts user namespaces",
      cause: error,
    });
  }
}

/** Both run at the same time. */
function runHelpers(pid: number, lines: { uid: string; gid: string }): void {
  const started = (["uid", "gid"] as const).map((kind) => {
    const path = findHelper(ID_HELPERS[kind])!;
    const argv = [ID_HELPERS[kind], String(pid), ...lines[kind].split(/\s/)];
    return {
      kind,
      pid: unwrap(spawn({ path, argv, env: [], descriptors: [] }), `start ${ID_HELPERS[kind]}`),
    };
  });
  const failed = started.filter(({ pid }) => unwrap(waitPid(pid), "wait for the id helper") !== 0);
  if (failed.length === 0) return;
  throw new CtrError("syscall", `Cannot map the ids: ${ID_HELPERS[failed[0]!.kind]} refuses the range`, {
    hint: "Compare /etc/subuid and /etc/subgid with the message above",
  });
}
