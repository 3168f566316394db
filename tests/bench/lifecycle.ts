/** Who is measured of the life of a container in the background, command by command. */

import { type Contender, PODMAN, PODMAN_LIMITS } from "./contenders.ts";
import type { World } from "./world.ts";

/** How many containers `list` has to look at. */
const MANY = 200;

/** A group of contenders before it is known who of them is installed. */
export interface Candidates {
  readonly title: string;
  readonly candidates: readonly Contender[];
  /** Where a round takes long. */
  readonly mostRounds?: number;
}

/** Gives a group for each command. The containers that they need are made here, and end with the world. */
export function lifecycle(world: World): Candidates[] {
  const { myctr, rootfs } = world;
  const [ours, podman] = [wordsOf(myctr, rootfs), podmanWords(rootfs)];
  for (const { start, remove } of [ours, podman]) world.startOnce(start("target"), remove("target"));
  for (let count = 1; count < MANY; count++) world.startOnce([myctr, "create", "--rootfs", rootfs, "true"]);
  const empty: Contender = {
    name: "deno run empty.js",
    command: [Deno.execPath(), "run", "-A", "-q", world.emptyProgram],
  };
  const both = (words: readonly string[], more: (peer: Words) => Partial<Contender> = () => ({})) => [
    { name: `myctr ${words.join(" ")}`, command: [...ours.program, ...words], isOurs: true, ...more(ours) },
    empty,
    { name: `podman ${words.join(" ")}`, command: [...podman.program, ...words], ...more(podman) },
  ];
  return [
    {
      title: "run -d",
      candidates: [
        { name: "myctr run -d", command: ours.start("bench"), after: ours.remove("bench"), isOurs: true },
        empty,
        { name: "podman run -d", command: podman.start("bench"), after: podman.remove("bench") },
      ],
    },
    { title: "exec", candidates: both(["exec", "target", "true"]) },
    {
      title: `list, ${MANY} containers`,
      candidates: [
        ...both(["ps"]).slice(0, 2),
        { name: "myctr ps -a", command: [myctr, "ps", "-a"] },
      ],
    },
    { title: "inspect", candidates: both(["inspect", "target"]) },
    {
      title: "stop, of a container that ends at once",
      candidates: both(["stop", "bench"], ({ startStoppable, remove }) => ({
        before: startStoppable("bench"),
        after: remove("bench"),
      })),
    },
    { title: "rm", candidates: both(["rm", "bench"], ({ create }) => ({ before: create("bench") })) },
  ];
}

/** How one of them is told what is measured alike. */
interface Words {
  readonly program: readonly string[];
  readonly start: (name: string) => readonly string[];
  /** Of a container that ends as soon as it is asked to. */
  readonly startStoppable: (name: string) => readonly string[];
  readonly create: (name: string) => readonly string[];
  readonly remove: (name: string) => readonly string[];
}

function wordsOf(myctr: string, rootfs: string): Words {
  const root = ["--rootfs", rootfs];
  return {
    program: [myctr],
    start: (name) => [myctr, "run", "-d", "--name", name, ...root, "sleep", "1000"],
    startStoppable: (name) => [myctr, "run", "-d", "--init", "--name", name, ...root, "sleep", "1000"],
    create: (name) => [myctr, "create", "--name", name, ...root, "true"],
    remove: (name) => [myctr, "rm", "-f", name],
  };
}

function podmanWords(rootfs: string): Words {
  const make = [...PODMAN_LIMITS, "--network", "none", "--name"];
  const run = [...PODMAN, "run", "-d", ...make];
  return {
    program: PODMAN,
    start: (name) => [...run, name, "--rootfs", rootfs, "sleep", "1000"],
    // Without an init of its own, the signal that nobody can ignore.
    startStoppable: (name) => [...run, name, "--stop-signal", "KILL", "--rootfs", rootfs, "sleep", "1000"],
    create: (name) => [...PODMAN, "create", ...make, name, "--rootfs", rootfs, "true"],
    remove: (name) => [...PODMAN, "rm", "-f", "-t", "0", name],
  };
}
