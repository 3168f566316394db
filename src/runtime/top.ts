/** `myctr top`: the processes of a container, as the host sees them. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import { findHelper, userName } from "../host/id_map.ts";
import { readText } from "../host/read_text.ts";
import { type ContainerProcess, maybeReadProcess, processNumbers } from "./container_processes.ts";
import { findContainer } from "./containers.ts";
import { maybeOpenLive, notRunning } from "./live_container.ts";

/** USER_HZ, which is the same on all machines of ours. */
const TICKS_PER_SECOND = 100;

/** A process, and who and when as people read it. */
export interface ShownProcess extends ContainerProcess {
  readonly user: string;
  readonly startedMs: number;
}

/** Lists the processes of a container that runs. @throws {CtrError} code "not_found", "conflict" or "bad_state" */
export function listProcesses(reference: string): readonly ShownProcess[] {
  const bootMs = Number(/^btime (\d+)$/m.exec(readText("/proc/stat"))?.[1] ?? 0) * 1000;
  const names = new Map<number, string>();
  const nameOf = (uid: number) => {
    const name = names.get(uid) ?? userName(uid)[0] ?? String(uid);
    names.set(uid, name);
    return name;
  };
  return numbersOf(reference).flatMap((pid) => {
    const found = maybeReadProcess(pid);
    if (found === undefined) return [];
    const startedMs = bootMs + found.startedTicks / TICKS_PER_SECOND * 1000;
    return [{ ...found, user: nameOf(found.uid), startedMs }];
  });
}

/** What the host's ps says of a container's processes. */
export interface PsTable {
  readonly text: string;
  readonly pids: ReadonlySet<number>;
}

/**
 * Asks the host's ps about a container's processes.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state", "unsupported" (no ps), "usage" (ps refuses the options)
 */
export function readPs(reference: string, options: readonly string[]): PsTable {
  const pids = numbersOf(reference);
  const ps = findHelper("ps");
  if (ps === undefined) {
    throw new CtrError("unsupported", "Cannot use options of ps: this machine has no ps", {
      hint: "Install procps, or leave the options out",
    });
  }
  // Some options, such as f, do not go together with a list of numbers: those get all, and the rest is left out.
  const runs = [["-q", pids.join(",")], []].map((more) => () => runPs(ps, [...options, ...more]));
  let error = "";
  for (const run of runs) {
    const { code, stdout, stderr } = run();
    if (code === 0) return { text: stdout, pids: new Set(pids) };
    error = stderr;
  }
  throw new CtrError("usage", `Cannot list processes: ${error.trim().split("\n")[0] || "ps failed"}`, {
    hint: 'See "man ps" for its options',
  });
}

function runPs(path: string, args: readonly string[]): { code: number; stdout: string; stderr: string } {
  const { PATH = "/usr/bin:/bin", TZ } = callerEnv();
  const command = new Deno.Command(path, {
    args: [...args],
    clearEnv: true,
    env: { PATH, LC_ALL: "C", ...(TZ !== undefined && { TZ }) },
    stdin: "null",
  });
  const { code, stdout, stderr } = command.outputSync();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { code, stdout: out, stderr: err };
}

function numbersOf(reference: string): number[] {
  using running = maybeOpenLive(findContainer(reference), reference);
  if (running?.pidfd === undefined) throw notRunning(`list the processes of container "${reference}"`);
  return processNumbers(running.state);
}
