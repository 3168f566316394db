/** The processes of a container, as the host numbers them. Source: proc_pid_stat(5), proc_pid_status(5), cgroups(7). */

import { readText } from "../host/read_text.ts";
import { maybeProcessesOf } from "./cgroup.ts";
import type { ContainerState } from "./container_state.ts";

/** A process, by what ps(1) shows of it. */
export interface ContainerProcess {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  /** Of its terminal, as the kernel numbers devices; 0 is none. */
  readonly terminal: number;
  /** User and system, in clock ticks; the time of its start, after that of the machine. */
  readonly busyTicks: number;
  readonly startedTicks: number;
  /** Its words, or its name in brackets where it has none. */
  readonly command: string;
}

/** Lists the numbers of a container's processes, in their order. */
export function processNumbers({ cgroup, pid }: Pick<ContainerState, "cgroup" | "pid">): number[] {
  const found = (cgroup === undefined ? undefined : maybeProcessesOf(cgroup)) ?? findByMounts(pid!);
  return found.sort((a, b) => a - b);
}

/**
 * Without a cgroup: those that see the container's mounts, which no other has, and all that descend from them. (Its pid
 * namespace may be one that it shares.)
 */
function findByMounts(first: number): number[] {
  const own = mountsOf(first);
  if (own === undefined) return [];
  const found = new Set(processesWithMounts(own));
  const parents = new Map(allNumbers().map((pid) => [pid, parentOf(pid)] as const));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Which mount namespace a process is in; undefined where it has ended. */
export function mountsOf(pid: number): string | undefined {
  return maybeLink(`/proc/${pid}/ns/mnt`);
}

/** Lists the processes that are in a mount namespace. */
export function processesWithMounts(mounts: string): number[] {
  return allNumbers().filter((pid) => mountsOf(pid) === mounts);
}

/** Reads a process; undefined where it has just ended. */
export function maybeReadProcess(pid: number): ContainerProcess | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1];
  if (stat === "" || uid === undefined) return undefined;
  // Field 3 and on: the name before them may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [parent = 0, terminal = 0] = [fields[1], fields[4]];
  const [userTicks = 0, systemTicks = 0, startedTicks = 0] = [fields[11], fields[12], fields[19]];
  const words = readText(`/proc/${pid}/cmdline`).replace(/\0+$/, "").replaceAll("\0", " ");
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const command = words === "" ? `[${name}]` : words;
  return {
    pid,
    parent,
    uid: Number(uid),
    terminal,
    busyTicks: userTicks + systemTicks,
    startedTicks,
    command,
  };
}

function parentOf(pid: number): number | undefined {
  return maybeReadProcess(pid)?.parent;
}

function allNumbers(): number[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => name).filter((name) => /^\d+$/.test(name)).map(
    Number,
  );
}

function maybeLink(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
