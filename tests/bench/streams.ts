/** How fast output goes through: a container that writes 1 GiB into its log, and what reads logs and events. */

import { type Contender, PODMAN, PODMAN_LIMITS } from "./contenders.ts";
import type { Candidates } from "./lifecycle.ts";
import type { World } from "./world.ts";

const WRITE = "dd if=/dev/zero bs=64k count=16384 2>/dev/null";
/** Lines of one write each, as most programs make them. */
const LINES =
  "i=0; while [ $i -lt 20000 ]; do echo a line of so many characters, as programs write them $i; " +
  "i=$((i+1)); done";
const GIB_ROUNDS = 5;

/** Gives a group for each. The container that is read is made here, and ends with the world. */
export function streams(world: World): Candidates[] {
  const { myctr, rootfs, directory } = world;
  const podman = PODMAN.join(" ");
  const peer = [...PODMAN_LIMITS, "--network", "none", "--log-driver", "k8s-file", "--name"].join(" ");
  const peerRun = [...PODMAN, "run", ...peer.split(" ")];
  world.startOnce([myctr, "run", "--name", "lines", "--rootfs", rootfs, "sh", "-c", LINES], [
    myctr,
    "rm",
    "lines",
  ]);
  world.startOnce([...peerRun, "lines", "--rootfs", rootfs, "sh", "-c", LINES], [...PODMAN, "rm", "lines"]);
  const shell = (name: string, script: string): Contender => ({ name, command: ["sh", "-c", script] });
  const background = `${myctr} run -d --name gib --rootfs ${rootfs} sh -c '${WRITE}' && ${myctr} wait gib`;
  const both = (...words: readonly string[]): Contender[] => [
    { name: `myctr ${words.join(" ")}`, command: [myctr, ...words], isOurs: true },
    { name: `podman ${words.join(" ")}`, command: [...PODMAN, ...words] },
  ];
  return [
    {
      title: "1 GiB of output",
      mostRounds: GIB_ROUNDS,
      candidates: [
        { ...shell("myctr run -d, to its log, and wait", `${background} && ${myctr} rm gib`), isOurs: true },
        shell(
          "myctr run, to its log and a pipe",
          `${myctr} run --rm --rootfs ${rootfs} sh -c '${WRITE}' | cat`,
        ),
        shell("cat, from a pipe to a file", `${WRITE} | cat >${directory}/gib && rm ${directory}/gib`),
        shell("cat, from a pipe to nowhere", `${WRITE} | cat >/dev/null`),
        shell(
          "podman run -d, to a log, and wait",
          `${podman} run -d ${peer} gib --rootfs ${rootfs} sh -c '${WRITE}' && ${podman} wait gib && ` +
            `${podman} rm gib`,
        ),
      ],
    },
    { title: "logs, of 20000 lines", candidates: both("logs", "lines") },
    { title: "logs -t, of 20000 lines", candidates: both("logs", "-t", "lines") },
    { title: "logs --tail 10, of 20000 lines", candidates: both("logs", "--tail", "10", "lines") },
    { title: "wait, for what has ended", candidates: both("wait", "lines") },
    {
      title: "events of the last hour",
      candidates: [
        { name: "myctr events", command: [myctr, "events", "--since", "1h", "--until", "0s"], isOurs: true },
        { name: "podman events", command: [...PODMAN, "events", "--since", "1h", "--stream=false"] },
      ],
    },
  ];
}
