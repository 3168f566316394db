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
  const archive = makeFiles(world.directory);
  await makeLayers(world);
  return [unpacking(world, archive), running(world), ...pulls(world)];
}

function unpacking({ myctr, directory }: World, archive: string): Candidates {
  const out = `${directory}/unpacked`;
  return {
    title: `unpack ${FILES} files, 200 MB`,
    mostRounds: FEW,
    candidates: [
      {
        name: "myctr import",
        command: [myctr, "import", archive, "bench"],
        after: [myctr, "rmi", "bench"],
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
        command: [...PODMAN, "import", archive, "bench"],
        after: [...PODMAN, "rmi", "bench"],
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

function pulls(world: World): Candidates[] {
  const { name, pulling } = serve(world);
  const files = `${name}:files`;
  const podman = (image: string) => [...PODMAN, "pull", "-q", "--tls-verify=false", image];
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
        { name: "podman pull", command: podman(files), after: [...PODMAN, "rmi", files] },
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
    name: "layers",
    layers: [{ directory: rootfs }, ...more],
  });
  run([myctr, "load", "-q", "-i", path]);
}

/** Serves the layers and the files from another state root; gives the name there, and the myctr that pulls into its own. */
function serve(world: World): { readonly name: string; readonly pulling: readonly string[] } {
  const { myctr, directory } = world;
  const [root, pid, address] = [`${directory}/served`, `${directory}/serve.pid`, "127.0.0.1:5097"];
  run([myctr, "--root", root, "load", "-q", "-i", `${directory}/layers.tar`]);
  run([myctr, "--root", root, "import", `${directory}/files.tar`, "layers:files"]);
  const start =
    `${myctr} --root ${root} registry serve --address ${address} >/dev/null 2>&1 & echo $! >${pid}; sleep 1`;
  world.startOnce(["sh", "-c", start], ["sh", "-c", `kill $(cat ${pid})`]);
  return { name: `${address}/layers`, pulling: [myctr, "--root", `${directory}/pulled`] };
}

function run([program = "", ...args]: readonly string[]): void {
  const { code, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
