/** Runs commands of myctr's own as root over the caller's ids, outside of every container. */

import { dup } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { outcome, unwrap } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";
import type { IdMap, MappedIds } from "../host/host_facts.ts";
import { bareFacts, buildOwnPlan } from "../plan/own_plan.ts";
import type { Plan } from "../plan/operation.ts";
import { STREAMS } from "../spec/parse_attach.ts";
import { encodePlan } from "./encode_plan.ts";
import { launch, LaunchFailure } from "./launch.ts";
import { ownCommand } from "./own_command.ts";
import { launchError } from "./stop_error.ts";
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

/** What a plan of myctr's own gets besides. */
export interface OwnHanded {
  /** Open in it where a lock would be. */
  readonly lock?: Fd;
  /** Open in it where its exit status is written, behind whatever else is. */
  readonly exit?: Fd;
  /** In place of this process's own streams; closed here when they are its. */
  readonly stdin?: Fd;
  readonly stdout?: Fd;
}

/** Runs a plan that ends in a command of myctr's own. @throws {CtrError} where a call of it failed */
export async function runOwnPlan(idMap: IdMap, plan: Plan, handed: OwnHanded = {}): Promise<void> {
  try {
    await tryPlan(idMap, plan, handed);
  } catch (error) {
    if (!(error instanceof LaunchFailure)) throw error;
    throw launchError(error.fault, { plan, host: bareFacts(idMap), what: "start myctr once more" });
  }
}

async function tryPlan(idMap: IdMap, plan: Plan, handed: OwnHanded): Promise<void> {
  const encoded = encodePlan(plan);
  using none = unwrap(openPath("/dev/null", { flags: O.O_WRONLY }), "open /dev/null");
  using streams = new DisposableStack();
  if (handed.stdin !== undefined) streams.use(standIn(handed.stdin, 0));
  if (handed.stdout !== undefined) streams.use(standIn(handed.stdout, 1));
  const running = launch(encoded, {
    title: "myctr: monitor",
    kept: { lock: handed.lock ?? none, exit: handed.exit ?? none },
    streams: STREAMS,
  }, {
    onPid: (pid) => writeIdMaps(pid, idMap),
    onMounted: () => new Uint8Array(1),
    onExhausted: () => {},
  });
  streams.dispose();
  handed.stdin?.[Symbol.dispose]();
  handed.stdout?.[Symbol.dispose]();
  await running.wait();
}

/** Puts a descriptor in the place of a standard stream, which what is started inherits, until it is disposed of. */
function standIn(fd: Fd, stream: 0 | 1): Disposable {
  const own = unwrap(dup(stream), "keep a standard stream");
  unwrap(outcome(syscall("dup3", fd.number, stream, 0)), "hand over a stream");
  return {
    [Symbol.dispose]() {
      syscall("dup3", own.number, stream, 0);
      own[Symbol.dispose]();
    },
  };
}
