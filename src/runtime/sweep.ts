/** Empties the trash of files that other ids own: containers of an ordinary user leave some. */

import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { HostFacts } from "../host/host_facts.ts";
import { readIdMap } from "../host/id_map.ts";
import { buildSweepPlan } from "../plan/sweep_plan.ts";
import { encodePlan } from "./encode_plan.ts";
import { launch } from "./launch.ts";
import { reapCommand } from "./reap_command.ts";
import { trashed, tryEmpty } from "./trash.ts";
import { writeIdMaps } from "./write_id_maps.ts";

/** `myctr __sweep`: removes all of the trash, with whatever rights this process has. */
export function sweepHere(): void {
  for (const path of trashed()) tryEmpty(path);
}

/**
 * Removes what is left in the trash by a myctr that is root over the caller's ids. What can't be removed stays for
 * the next command: an unfinished clean-up is no failure of what the user asked for.
 */
export async function sweepTrash(): Promise<void> {
  const uid = Deno.uid() ?? 0;
  if (uid === 0) return sweepHere();
  const idMap = readIdMap(uid, Deno.gid() ?? 0);
  if (idMap.kind !== "caller") return sweepHere();
  const { argv, env } = reapCommand("");
  const command = { argv: [...argv.slice(0, -2), "__sweep"], env };
  const encoded = encodePlan(buildSweepPlan(bareFacts(idMap), command));
  using lock = unwrap(openPath("/dev/null", { flags: O.O_WRONLY }), "open /dev/null");
  using exit = unwrap(openPath("/dev/null", { flags: O.O_WRONLY }), "open /dev/null");
  const running = launch(encoded, { title: "myctr: monitor", lock, exit, isAttached: true }, {
    onPid: (pid) => writeIdMaps(pid, idMap),
    onMounted: () => new Uint8Array(1),
    onExhausted: () => {},
  });
  await running.wait();
}

function bareFacts(idMap: HostFacts["idMap"]): HostFacts {
  return {
    idMap,
    lastCapability: 0,
    ownCapabilities: [],
    openFilesHard: 0,
    kinds: {},
    hostImage: undefined,
    devices: [],
    containerDirectory: "/",
    isAttached: true,
  };
}
