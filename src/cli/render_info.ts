/** Renders `myctr info` for people, as docker's is: a name and a value on each line. Pure. */

import type { Info } from "../doctor/read_info.ts";

/** What is told, and by which myctr. */
export type VersionedInfo = Info & { readonly version: string };

const ID_MAPS: Readonly<Record<Info["idMap"], string>> = {
  caller: "your id as root, your subordinate ids from 1 on",
  single: "your id as root, no other",
  range: "a range of root's own",
};

/** Renders the lines. */
export function renderInfo(info: VersionedInfo): string {
  const { containers, storage, cgroup, security } = info;
  const rows = [
    ["Version", info.version],
    ["Deno", info.denoVersion],
    ["Containers", String(containers.total)],
    [" Running", String(containers.running)],
    [" Paused", String(containers.paused)],
    [" Created", String(containers.created)],
    [" Exited", String(containers.exited)],
    ["State directory", info.stateRoot],
    [" File system", `${storage.filesystem}, ${gigabytes(storage.availableBytes)} free`],
    ["Cgroups", cgroup.version],
    [" Controllers", cgroup.controllers.join(" ") || "none"],
    ["Kernel offers", security.join(", ")],
    ["Rootless", String(info.isRootless)],
    ["User ids", ID_MAPS[info.idMap]],
    ["Kernel", info.kernel],
    ["Operating system", info.operatingSystem],
    ["Architecture", info.architecture],
    ["CPUs", String(info.cpus)],
    ["Memory", gigabytes(info.memoryBytes)],
    ["Name", info.hostname],
  ] as const;
  return rows.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** Powers of 1024, as docker's GiB. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
