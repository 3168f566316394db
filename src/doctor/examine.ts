/** Looks at this machine by trying what containers need. All of it is undone when it returns. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { openMemfd } from "../../ffi/memfd.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { callerEnv } from "../executable/caller_env.ts";
import { findHelper, readIdMap, readIdRanges, userName } from "../host/id_map.ts";
import { readText } from "../host/read_text.ts";
import {
  buildContainerProbe,
  buildIdMapProbe,
  buildNamespaceProbe,
  buildShiftProbe,
  PROBE,
  PROBED_NAMESPACES,
  type ProbedNamespace,
} from "../plan/probe_plan.ts";
import { runProbe, type Tried, type TriedSteps } from "../runtime/run_probe.ts";
import { stateRoot } from "../runtime/state_root.ts";
import { writeIdMaps } from "../runtime/write_id_maps.ts";
import type { Findings, Try } from "./findings.ts";
import {
  readCgroup,
  readHelper,
  readKeys,
  readMissingCalls,
  readSeccomp,
  readSecurity,
  readSettings,
  readState,
  tryDevice,
} from "./read_system.ts";

interface Caller {
  readonly uid: number;
  readonly gid: number;
}

/** Examines this machine for the user who asks. */
export async function examine(): Promise<Findings> {
  const caller = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
  const { uid } = caller;
  const state = readState(stateRoot());
  using layers = makeLayers(state.root, state.existing);
  const tried = tryContainers(caller, { directory: state.existing, layers: layers.path });
  const { [PROBE.stateOverlay]: overlay } = tried.steps;
  return {
    uid,
    userName: userName(uid)[0],
    arch: Deno.build.arch,
    release: readText("/proc/sys/kernel/osrelease").trim(),
    settings: readSettings(),
    missingCalls: readMissingCalls(),
    isMemfdRefused: isMemfdRefused(),
    ...tried,
    ranges: readIdRanges(uid),
    helpers: { newuidmap: readHelper("newuidmap"), newgidmap: readHelper("newgidmap") },
    rangeMap: tryRangeMap(caller, state.existing),
    shift: uid === 0 ? tryShift(caller, state.existing) : undefined,
    cgroup: readCgroup(uid),
    seccomp: readSeccomp(),
    ...readSecurity(),
    keys: readKeys(uid),
    tun: tryDevice("/dev/net/tun"),
    networkHelpers: { pasta: findHelper("pasta"), slirp4netns: findHelper("slirp4netns") },
    userSession: await findUserSession(),
    state: { ...state, overlay },
  };
}

/** vm.memfd_noexec = 2 refuses an executable one. */
function isMemfdRefused(): boolean {
  const memfd = openMemfd("myctr");
  if (memfd.ok) memfd.value[Symbol.dispose]();
  return !memfd.ok;
}

interface Layers extends Disposable {
  readonly path: string | undefined;
}

/** Makes directories for an overlay in the state directory, where there is one and it is the caller's. */
function makeLayers(root: string, existing: string): Layers {
  const none = { path: undefined, [Symbol.dispose]: () => {} };
  if (root !== existing) return none;
  try {
    const path = Deno.makeTempDirSync({ dir: root, prefix: ".doctor-" });
    for (const name of ["lower", "upper", "work"]) Deno.mkdirSync(`${path}/${name}`);
    return { path, [Symbol.dispose]: () => removeLayers(path) };
  } catch {
    return none;
  }
}

/** An overlay makes a directory of its own in `work`, which nobody may read: it is empty, and goes first. */
function removeLayers(path: string): void {
  try {
    Deno.removeSync(`${path}/work/work`);
  } catch {
    // There was no overlay.
  }
  Deno.removeSync(path, { recursive: true });
}

type Tries = Pick<Findings, "noProgram" | "namespaces" | "steps">;

/** Makes all namespaces at once; where that fails, one after the other, to see which it is. */
function tryContainers(
  { uid, gid }: Caller,
  { directory, layers }: { directory: string; layers: string | undefined },
): Tries {
  const attempt = (namespaces: readonly ProbedNamespace[]) =>
    runProbe(buildContainerProbe({ uid, gid, namespaces, layers }), { directory });
  const whole = attempt(PROBED_NAMESPACES);
  if (!whole.ok) return noTries(whole.errno);
  const made = resultOf(whole.value, PROBE.namespaces);
  if (made === true) return { noProgram: undefined, namespaces: allOf(true), steps: stepsOf(whole.value) };
  const user = tryNamespaces(["user"], directory);
  const namespaces = { ...allOf(made), user };
  for (const type of PROBED_NAMESPACES.filter((each) => each !== "user")) {
    namespaces[type] = tryNamespaces(uid === 0 && user !== true ? [type] : ["user", type], directory);
  }
  // Root can do without a user namespace.
  const rest = uid === 0 && user !== true
    ? attempt(PROBED_NAMESPACES.filter((type) => namespaces[type] === true))
    : whole;
  return { noProgram: undefined, namespaces, steps: rest.ok ? stepsOf(rest.value) : {} };
}

function noTries(errno: number): Tries {
  const name = errnoName(errno);
  return { noProgram: name, namespaces: allOf({ call: "posix_spawn", errno: name }), steps: {} };
}

function allOf(tried: Try): Record<ProbedNamespace, Try> {
  return Object.fromEntries(PROBED_NAMESPACES.map((type) => [type, tried])) as Record<ProbedNamespace, Try>;
}

function tryNamespaces(namespaces: readonly ProbedNamespace[], directory: string): Try {
  return tryStep(runProbe(buildNamespaceProbe(namespaces), { directory }), PROBE.namespaces);
}

function tryShift(caller: Caller, directory: string): Try {
  return tryStep(runProbe(buildShiftProbe({ ...caller, directory }), { directory }), PROBE.shift);
}

/** Has the ranges mapped as for a container: by the helpers. */
function tryRangeMap({ uid, gid }: Caller, directory: string): Findings["rangeMap"] {
  const idMap = readIdMap(uid, gid);
  if (idMap.kind !== "caller") return undefined;
  let outcome: Findings["rangeMap"];
  runProbe(buildIdMapProbe(), {
    directory,
    onPid(pid) {
      try {
        writeIdMaps(pid, idMap);
        outcome = true;
      } catch (error) {
        outcome = error instanceof Error ? error.message : String(error);
      }
    },
  });
  return outcome;
}

function tryStep(probe: Outcome<TriedSteps>, label: string): Try {
  return probe.ok ? resultOf(probe.value, label) : { call: "posix_spawn", errno: errnoName(probe.errno) };
}

function resultOf(steps: TriedSteps, label: string): Try {
  const tried = steps.get(label);
  return tried === undefined ? { call: "clone3", errno: "no answer" } : toTry(tried);
}

function toTry(tried: Tried): Try {
  return tried.isDone || { call: tried.call, errno: tried.errno };
}

function stepsOf(steps: TriedSteps): Record<string, Try> {
  return Object.fromEntries([...steps].map(([label, tried]) => [label, toTry(tried)]));
}

/** Connects to the user's systemd, and hangs up. */
async function findUserSession(): Promise<string | undefined> {
  const directory = callerEnv().XDG_RUNTIME_DIR;
  if (!directory?.startsWith("/")) return undefined;
  try {
    (await Deno.connect({ transport: "unix", path: `${directory}/systemd/private` })).close();
    return directory;
  } catch {
    return undefined;
  }
}
