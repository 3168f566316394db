/** Makes archives of images for tests, byte by byte: what other programs write, and what none of them would. */

import { equal } from "node:assert/strict";

/** A file of a layer: its content; `null` is a directory. */
export type LayerFiles = Readonly<Record<string, string | null>>;

/** A directory of this machine as a layer: all files root's, or with their owners. */
export interface LayerDirectory {
  readonly directory: string;
  readonly hasOwners?: true;
}

/** What an image is made of. */
export interface MadeImage {
  /** The lowest first; a layer may be a directory of this machine too. */
  readonly layers: readonly (LayerFiles | LayerDirectory)[];
  /** As in an OCI configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  /** Applied to each layer's tar. */
  readonly compress?: "gzip" | "zstd";
  /** Puts something else into a document. */
  readonly damage?: (document: "config" | "manifest", value: Record<string, unknown>) => void;
}

const ROOT_OWNS = ["--owner=0", "--group=0"];
const MEDIA = "application/vnd.oci.image";

/** Writes an OCI archive; gives its path. */
export async function makeOciArchive(path: string, image: MadeImage): Promise<string> {
  const layout = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${layout}/blobs/sha256`, { recursive: true });
    const blob = (bytes: Uint8Array) => putBlob(layout, bytes);
    const layers: { descriptor: Record<string, unknown>; diffId: string }[] = [];
    for (const layer of image.layers) {
      const tar = await makeLayer(layer);
      const packed = image.compress === undefined ? tar : await filter(image.compress, ["-c"], tar);
      const ending = image.compress === undefined ? "" : `+${image.compress}`;
      layers.push({
        descriptor: { mediaType: `${MEDIA}.layer.v1.tar${ending}`, ...await blob(packed) },
        diffId: await digestOf(tar),
      });
    }
    const config = {
      architecture: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
      os: "linux",
      created: "2026-01-02T03:04:05Z",
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    };
    image.damage?.("config", config);
    const manifest = {
      schemaVersion: 2,
      mediaType: `${MEDIA}.manifest.v1+json`,
      config: { mediaType: `${MEDIA}.config.v1+json`, ...await blob(encode(config)) },
      layers: layers.map(({ descriptor }) => descriptor),
    };
    image.damage?.("manifest", manifest);
    const { name } = image;
    const index = {
      schemaVersion: 2,
      manifests: [{
        mediaType: `${MEDIA}.manifest.v1+json`,
        ...await blob(encode(manifest)),
        ...(name !== undefined && { annotations: { "org.opencontainers.image.ref.name": name } }),
      }],
    };
    await Deno.writeTextFile(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
    await Deno.writeTextFile(`${layout}/index.json`, JSON.stringify(index));
    await run("tar", ["-C", layout, "-cf", path, "oci-layout", "index.json", "blobs"]);
    await Deno.chmod(path, 0o644);
    return path;
  } finally {
    await Deno.remove(layout, { recursive: true });
  }
}

/** Writes the files of a directory into an archive that anybody may read; gives its path. */
export async function makeRootArchive(path: string, directory: string): Promise<string> {
  await run("tar", ["-C", directory, "--owner=0", "--group=0", "--numeric-owner", "-cf", path, "."]);
  await Deno.chmod(path, 0o644);
  return path;
}

/** Packs the files of a layer; what is given as text has the same digest whenever it is packed. */
export async function makeLayer(layer: MadeImage["layers"][number]): Promise<Uint8Array<ArrayBuffer>> {
  if (isDirectory(layer)) return await packed(layer.directory, layer.hasOwners ? [] : ROOT_OWNS);
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(layer as LayerFiles)) {
      const path = `${directory}/${name}`;
      const folder = content === null ? path : path.slice(0, path.lastIndexOf("/"));
      await Deno.mkdir(folder, { recursive: true });
      if (content !== null) await Deno.writeTextFile(path, content);
    }
    await Deno.chmod(directory, 0o755);
    return await packed(directory, [...ROOT_OWNS, "--sort=name", "--mtime=2026-01-02T03:04:05Z"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function isDirectory(layer: MadeImage["layers"][number]): layer is LayerDirectory {
  return typeof layer.directory === "string";
}

async function packed(directory: string, options: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  return await run("tar", ["-C", directory, ...options, "--numeric-owner", "-c", "."]);
}

async function putBlob(layout: string, bytes: Uint8Array): Promise<{ digest: string; size: number }> {
  const digest = await digestOf(bytes);
  await Deno.writeFile(`${layout}/blobs/sha256/${digest.slice("sha256:".length)}`, bytes);
  return { digest, size: bytes.length };
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return `sha256:${new Uint8Array(hash).toHex()}`;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function run(command: string, args: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

async function filter(command: string, args: readonly string[], input: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command(command, { args: [...args], stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(input).then(() => writer.close());
  const { code, stdout } = await child.output();
  await written;
  equal(code, 0);
  return stdout;
}
