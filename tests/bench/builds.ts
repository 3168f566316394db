/** Who is measured of builds: steps that were done before, steps to be done, and many files that come in. */

import { PODMAN, PODMAN_LIMITS } from "./contenders.ts";
import type { Candidates } from "./lifecycle.ts";
import type { World } from "./world.ts";

const FEW = 5;
const CACHED_STEPS = 20;
const COLD_STEPS = 10;
/** 200 MB in 20,000 files. */
const FILES = 20_000;
const FILE_BYTES = 10_240;
const FOLDERS = 100;

/** Gives the groups. The image that all are built on is of the world's root file system. */
export function builds(world: World): Candidates[] {
  const directory = `${world.directory}/build`;
  const empty = `${directory}/empty`;
  const many = `${directory}/many`;
  Deno.mkdirSync(empty, { recursive: true });
  makeMany(many);
  const archive = `${directory}/base.tar`;
  world.startOnce(["tar", "-C", world.rootfs, "-cf", archive, "."]);
  world.startOnce([world.myctr, "import", archive, "bench-base"], [world.myctr, "rmi", "-f", "bench-base"]);
  world.startOnce(
    [...PODMAN, "import", archive, "localhost/bench-base"],
    [...PODMAN, "rmi", "-f", "localhost/bench-base"],
  );
  const runs = (count: number) =>
    Array.from({ length: count }, (_, step) => `RUN echo ${step} >/f${step}\n`).join("");
  return [
    buildOf(world, {
      title: `Build ${CACHED_STEPS} steps that were done`,
      context: empty,
      steps: runs(CACHED_STEPS),
    }),
    buildOf(world, {
      title: `Build ${COLD_STEPS} steps`,
      context: empty,
      steps: runs(COLD_STEPS),
      isCold: true,
    }),
    buildOf(world, {
      title: `Build with ${FILES} files, 200 MB`,
      context: many,
      steps: "COPY . /files/\n",
      isCold: true,
    }),
  ];
}

interface Asked {
  readonly title: string;
  readonly context: string;
  readonly steps: string;
  /** Whether nothing is taken from before. */
  readonly isCold?: boolean;
}

function buildOf({ directory, myctr }: World, { title, context, steps, isCold = false }: Asked): Candidates {
  const file = `${directory}/build/${title.replaceAll(/\W+/g, "-")}`;
  Deno.writeTextFileSync(`${file}.myctr`, `FROM bench-base\n${steps}`);
  Deno.writeTextFileSync(`${file}.podman`, `FROM localhost/bench-base\n${steps}`);
  const cold = isCold ? ["--no-cache"] : [];
  const podman = ["build", "--layers", "--network", "none", ...PODMAN_LIMITS, ...cold, "-q"];
  return {
    title,
    mostRounds: FEW,
    candidates: [
      {
        name: "myctr build",
        command: [
          myctr,
          "build",
          "--network",
          "none",
          ...cold,
          "-q",
          "-t",
          "bench",
          "-f",
          `${file}.myctr`,
          context,
        ],
        isOurs: true,
      },
      {
        name: "podman build",
        command: [...PODMAN, ...podman, "-t", "localhost/bench", "-f", `${file}.podman`, context],
      },
      {
        name: "buildah bud",
        command: [
          "buildah",
          "bud",
          "--runtime=runc",
          ...podman.slice(1),
          "-t",
          "localhost/bench",
          "-f",
          `${file}.podman`,
          context,
        ],
      },
    ],
  };
}

function makeMany(directory: string): void {
  for (let folder = 0; folder < FOLDERS; folder++) {
    const path = `${directory}/d${folder}`;
    Deno.mkdirSync(path, { recursive: true });
    for (let file = 0; file < FILES / FOLDERS; file++) {
      // No two are alike, and none is compressed to nothing.
      const bytes = new Uint8Array(FILE_BYTES);
      for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + file * 7 + folder * 13) % 251;
      Deno.writeFileSync(`${path}/f${file}`, bytes);
    }
  }
}
