/** Looks for what a test left on the machine: processes, mounts, cgroups, links. */

import { readIfThere } from "../setup/needs.ts";

/** What of the machine is compared before and after. */
export interface Surroundings {
  readonly cgroups: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** Reads the machine's network links, and the cgroups with myctr in their names. */
export function surroundings(): Surroundings {
  const cgroups = new Set<string>();
  collectCgroups("/sys/fs/cgroup", cgroups);
  return { cgroups, links: new Set(readNames("/sys/class/net")) };
}

/** Lists what is left of a box, which is known by its directory, and what is new in its surroundings. */
export function findTraces(directory: string, before: Surroundings): string[] {
  const now = surroundings();
  return [
    ...findProcesses(directory).map((text) => `process ${text}`),
    ...readIfThere("/proc/self/mountinfo").split("\n").filter((line) => line.includes(directory))
      .map((line) => `mount ${line}`),
    ...Array.from(now.cgroups).filter((path) => !before.cgroups.has(path)).map((path) => `cgroup ${path}`),
    ...Array.from(now.links).filter((name) => !before.links.has(name)).map((name) => `link ${name}`),
  ];
}

/** Lists the processes that have to do with a box: by words, environment, directory, files or mounts. */
export function findProcesses(directory: string): string[] {
  return pids().filter((pid) => pid !== Deno.pid && belongs(pid, directory))
    .map((pid) => `${pid} ${readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
}

/** The numbers of all processes. */
export function pids(): number[] {
  return readNames("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Reads a link in /proc; undefined where the process is gone. */
export function maybeLink(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

function belongs(pid: number, directory: string): boolean {
  const at = `/proc/${pid}`;
  return readIfThere(`${at}/cmdline`).includes(directory) ||
    readIfThere(`${at}/environ`).includes(directory) ||
    (maybeLink(`${at}/cwd`) ?? "").startsWith(directory) ||
    readNames(`${at}/fd`).some((fd) => maybeLink(`${at}/fd/${fd}`)?.startsWith(directory)) ||
    readIfThere(`${at}/mountinfo`).includes(directory);
}

/** Lists the containers' cgroups that are there, of those with one of these ids. */
export function findCgroups(ids: ReadonlySet<string>): string[] {
  const all = new Set<string>();
  collectCgroups("/sys/fs/cgroup", all, (name) => ids.has(name));
  return [...all];
}

function collectCgroups(
  path: string,
  into: Set<string>,
  // The group that all containers of a place are in stays.
  isWanted: (name: string) => boolean = (name) => name.includes("myctr") && name !== "myctr",
): void {
  for (const name of readNames(path, ({ isDirectory }) => isDirectory)) {
    if (isWanted(name)) into.add(`${path}/${name}`);
    collectCgroups(`${path}/${name}`, into, isWanted);
  }
}

function readNames(path: string, isWanted: (entry: Deno.DirEntry) => boolean = () => true): string[] {
  try {
    return Array.from(Deno.readDirSync(path)).filter(isWanted).map(({ name }) => name);
  } catch {
    return [];
  }
}
