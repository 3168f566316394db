/** Runs commands of myctr's own as root over the caller's ids, outside of every container. */

import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { HostFacts, IdMap, MappedIds } from "../host/host_facts.ts";
import { buildOwnPlan } from "../plan/own_plan.ts";
import type { Plan } from "../plan/operation.ts";
import { encodePlan } from "./encode_plan.ts";
import { launch } from "./launch.ts";
import { ownCommand } from "./own_command.ts";
import { writeIdMaps } from "./write_id_maps.ts";

/** How the work is explained where a plan is shown. */
export interface Purpose {
  readonly label: string;
  readonly reason: string;
}

/** Runs `myctr WORDS` in a user namespace with that map, and waits for its end. */
export async function runInUserNamespace(
  idMap: MappedIds,
  words: readonly string[],
  purpose: Purpose,
): Promise<void> {
  await runOwnPlan(idMap, buildOwnPlan(bareFacts(idMap), { ...ownCommand(...words), ...purpose }));
}

/** Runs a plan that ends in a command of myctr's own; `handed` is open in it as its lock would be. */
export async function runOwnPlan(idMap: IdMap, plan: Plan, handed?: Fd): Promise<void> {
  const encoded = encodePlan(plan);
  using none = unwrap(openPath("/dev/null", { flags: O.O_WRONLY }), "open /dev/null");
  using exit = unwrap(openPath("/dev/null", { flags: O.O_WRONLY }), "open /dev/null");
  const running = launch(encoded, {
    title: "myctr: monitor",
    kept: { lock: handed ?? none, exit },
    isAttached: true,
  }, {
    onPid: (pid) => writeIdMaps(pid, idMap),
    onMounted: () => new Uint8Array(1),
    onExhausted: () => {},
  });
  await running.wait();
}

/** Facts for a plan of myctr's own. */
export function bareFacts(idMap: HostFacts["idMap"]): HostFacts {
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
