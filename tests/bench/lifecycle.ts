/** Who is measured of the life of a container in the background, command by command. */

import { type Contender, PODMAN, PODMAN_LIMITS } from "./contenders.ts";
import type { World } from "./world.ts";

/** How many containers `list` has to look at. */
const MANY = 200;

/** A group of contenders before it is known who of them is installed. */
export interface Candidates {
  readonly title: string;
  readonly candidates: readonly Contender[];
}

/** Gives a group for each command. The containers that they need are made here, and end with the world. */
export function lifecycle(world: World): Candidates[] {
  const { myctr, rootfs, emptyProgram } = world;
  const empty: Contender = {
    name: "deno run empty.js",
    command: [Deno.execPath(), "run", "-A", "-q", emptyProgram],
  };
  const ours = (name: string, words: readonly string[], more: Partial<Contender> = {}): Contender => ({
    name,
    command: [myctr, ...words],
    isOurs: true,
    ...more,
  });
  const root = ["--rootfs", rootfs];
  // An init hands the signal on: the container ends as soon as it is asked to.
  const sleeper = ["run", "-d", "--init", "--name", "bench", ...root, "sleep", "1000"];
  const remove = [myctr, "rm", "-f", "bench"];
  const podmanRun = [...PODMAN, "run", ...PODMAN_LIMITS, "--network", "none", "-d", "--name", "bench"];
  const podmanRoot = ["--init=false", "--rootfs", rootfs];
  const podmanSleeper = [...podmanRun, "--stop-signal=KILL", ...podmanRoot, "sleep", "1000"];
  const podmanRemove = [...PODMAN, "rm", "-f", "bench"];
  const podman = (name: string, words: readonly string[], more: Partial<Contender> = {}): Contender => ({
    name,
    command: [...PODMAN, ...words],
    ...more,
  });
  world.startOnce([myctr, "run", "-d", "--name", "target", ...root, "sleep", "1000"], [
    myctr,
    "rm",
    "-f",
    "target",
  ]);
  world.startOnce(
    [
      ...PODMAN,
      "run",
      ...PODMAN_LIMITS,
      "--network",
      "none",
      "-d",
      "--name",
      "target",
      ...podmanRoot,
      "sleep",
      "1000",
    ],
    [...PODMAN, "rm", "-f", "-t", "0", "target"],
  );
  for (let count = 1; count < MANY; count++) world.startOnce([myctr, "create", ...root, "true"]);
  const create = [myctr, "create", "--name", "bench", ...root, "true"];
  const podmanCreate = [...PODMAN, "create", ...PODMAN_LIMITS, "--network", "none", "--name", "bench"];
  return [
    {
      title: "run -d",
      candidates: [
        ours("myctr run -d --rootfs DIR sleep 1000", sleeper.filter((word) => word !== "--init"), {
          after: remove,
        }),
        empty,
        { name: "podman run -d", command: podmanSleeper, after: podmanRemove },
      ],
    },
    {
      title: "exec true",
      candidates: [
        ours("myctr exec target true", ["exec", "target", "true"]),
        empty,
        podman("podman exec target true", ["exec", "target", "true"]),
      ],
    },
    {
      title: `list, ${MANY} containers`,
      candidates: [ours("myctr list", ["list"]), empty, {
        name: "myctr list -a",
        command: [myctr, "list", "-a"],
      }],
    },
    {
      title: "inspect",
      candidates: [
        ours("myctr inspect target", ["inspect", "target"]),
        empty,
        podman("podman inspect target", ["inspect", "target"]),
      ],
    },
    {
      title: "stop, of a container that ends at once",
      candidates: [
        ours("myctr stop bench", ["stop", "bench"], { before: [myctr, ...sleeper], after: remove }),
        empty,
        podman("podman stop bench", ["stop", "bench"], { before: podmanSleeper, after: podmanRemove }),
      ],
    },
    {
      title: "rm",
      candidates: [
        ours("myctr rm bench", ["rm", "bench"], { before: create }),
        empty,
        podman("podman rm bench", ["rm", "bench"], { before: [...podmanCreate, ...podmanRoot, "true"] }),
      ],
    },
  ];
}
