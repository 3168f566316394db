/** Who is measured of images: unpacked, pulled and run. */

import { makeOciArchive } from "../images/image_maker.ts";
import { PODMAN } from "./contenders.ts";
import type { Candidates } from "./lifecycle.ts";
import type { World } from "./world.ts";

/** 200 MB in 20,000 files. */
const FILES = 20_000;
const FILE_BYTES = 10_240;
const FOLDERS = 100;
const LAYERS = 40;
/** Rounds of what takes seconds. */
const FEW = 5;

/** Gives the groups; images and archives are made here, and end with the world. */
export async function images(world: World): Promise<Candidates[]> {
  const memory = makeMemory(world);
  const archive = makeFiles(memory);
  await makeLayers(world);
  return [unpacking(world, { archive, memory }), running(world), ...pulls(world, memory)];
}

/** A disk that has just been rid of many files makes new ones slowly: what takes part is in memory. */
function makeMemory({ startOnce }: World): string {
  const memory = Deno.makeTempDirSync({ dir: "/dev/shm", prefix: "myctr-bench-" });
  startOnce(["true"], ["rm", "-r", memory]);
  return memory;
}

/** podman with its images in memory. */
function podmanIn(memory: string): readonly string[] {
  return [...PODMAN, "--root", `${memory}/podman`, "--storage-driver", "overlay"];
}

interface Files {
  readonly archive: string;
  readonly memory: string;
}

function unpacking({ myctr }: World, { archive, memory }: Files): Candidates {
  const out = `${memory}/unpacked`;
  const ours = [myctr, "--root", `${memory}/imported`];
  const podman = podmanIn(memory);
  return {
    title: `unpack ${FILES} files, 200 MB`,
    mostRounds: FEW,
    candidates: [
      {
        name: "myctr import",
        command: [...ours, "import", archive, "bench"],
        after: [...ours, "rmi", "bench"],
        isOurs: true,
      },
      {
        name: "tar -x",
        before: ["mkdir", out],
        command: ["tar", "-C", out, "-xf", archive],
        after: ["rm", "-r", out],
      },
      {
        name: "podman import",
        command: [...podman, "import", archive, "bench"],
        after: [...podman, "rmi", "bench"],
      },
    ],
  };
}

function running({ myctr, rootfs }: World): Candidates {
  return {
    title: `run of an image of ${LAYERS} layers, and of a directory`,
    candidates: [
      {
        name: `myctr run --rm, ${LAYERS} layers`,
        command: [myctr, "run", "--rm", "layers", "true"],
        isOurs: true,
      },
      { name: "myctr run --rm --rootfs", command: [myctr, "run", "--rm", "--rootfs", rootfs, "true"] },
    ],
  };
}

function pulls(world: World, memory: string): Candidates[] {
  const { name, pulling } = serve(world, memory);
  const files = `${name}:files`;
  const podman = (image: string) => [...podmanIn(memory), "pull", "-q", "--tls-verify=false", image];
  return [
    {
      title: "pull of an image that is there",
      candidates: [
        { name: "myctr pull", command: [...pulling, "pull", "-q", name], isOurs: true },
        { name: "deno run empty.js", command: [Deno.execPath(), "run", "-A", "-q", world.emptyProgram] },
        { name: "podman pull", command: podman(name) },
      ],
    },
    {
      title: `pull of an image of ${FILES} files, 200 MB`,
      mostRounds: FEW,
      candidates: [
        {
          name: "myctr pull",
          command: [...pulling, "pull", "-q", files],
          after: [...pulling, "rmi", files],
          isOurs: true,
        },
        { name: "podman pull", command: podman(files), after: [...podmanIn(memory), "rmi", files] },
      ],
    },
  ];
}

/** Writes the files, and an archive of them; gives its path. */
function makeFiles(directory: string): string {
  const [files, archive] = [`${directory}/files`, `${directory}/files.tar`];
  const bytes = new Uint8Array(FILE_BYTES);
  for (let folder = 0; folder < FOLDERS; folder++) {
    Deno.mkdirSync(`${files}/${folder}`, { recursive: true });
    for (let file = 0; file < FILES / FOLDERS; file++) {
      crypto.getRandomValues(bytes);
      Deno.writeFileSync(`${files}/${folder}/${file}`, bytes);
    }
  }
  run(["tar", "-C", files, "-cf", archive, "."]);
  Deno.removeSync(files, { recursive: true });
  return archive;
}

async function makeLayers({ myctr, rootfs, directory }: World): Promise<void> {
  const more = Array.from({ length: LAYERS - 1 }, (_, index) => ({ [`layer-${index}`]: `${index}\n` }));
  const path = await makeOciArchive(`${directory}/layers.tar`, {
    name: "layers:latest",
    layers: [{ directory: rootfs }, ...more],
  });
  run([myctr, "load", "-q", "-i", path]);
}

/** Serves the layers and the files from another state root; gives the name there, and the myctr that pulls into its own. */
function serve(world: World, memory: string): { readonly name: string; readonly pulling: readonly string[] } {
  const { myctr, directory } = world;
  const [root, pid, address] = [`${memory}/served`, `${directory}/serve.pid`, "127.0.0.1:5097"];
  run([myctr, "--root", root, "load", "-q", "-i", `${directory}/layers.tar`]);
  run([myctr, "--root", root, "import", `${memory}/files.tar`, "layers:files"]);
  const start =
    `${myctr} --root ${root} registry serve --address ${address} >/dev/null 2>&1 & echo $! >${pid}; sleep 1`;
  world.startOnce(["sh", "-c", start], ["sh", "-c", `kill $(cat ${pid})`]);
  return { name: `${address}/layers`, pulling: [myctr, "--root", `${memory}/pulled`] };
}

function run([program = "", ...args]: readonly string[]): void {
  const { code, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
