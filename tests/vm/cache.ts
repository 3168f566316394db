/** Keeps the disk and the kernels of the machines: made once, and again when a package or a file of them changes. */

import { Archive, KERNEL_LINES, type KernelLine, type Package } from "./packages.ts";
import { addGuestFiles, makeImage, takeKernel, unpack } from "./root_image.ts";

/** Where the parts of a machine lie. */
export interface Parts {
  readonly root: string;
  kernel(line: KernelLine): string;
  initramfs(line: KernelLine): string;
}

/** How long the newest versions that were seen are taken for the newest. */
const FRESH_MS = 24 * 60 * 60 * 1000;
const SOURCES = [
  "cache.ts",
  "cpio.ts",
  "packages.ts",
  "root_image.ts",
  ...["agent", "environment", "init", "layout.ts", "plain_init"].map((name) => `guest/${name}`),
];

/** Gives the parts of machines; makes them first, which takes a minute, where they are missing or old. */
export async function openParts(say: (line: string) => void): Promise<Parts> {
  const cache = `${cacheDirectory()}/myctr-tests/vm`;
  await Deno.mkdir(cache, { recursive: true });
  using lock = await Deno.open(`${cache}/lock`, { create: true, write: true });
  await lock.lock(true);
  const sources = await digest(await Promise.all(SOURCES.map(readSource)));
  const current = `${cache}/current`;
  const seen = await readKey(current);
  if (seen?.sources === sources && Date.now() - seen.checkedAt < FRESH_MS) return partsIn(current);
  const archive = await Archive.load(`${cache}/apt`).catch((error) => {
    // Without the network, what is there is good enough.
    if (seen?.sources !== sources) throw error;
    say(`Cannot look for newer packages: ${error.message}`);
  });
  if (archive === undefined) return partsIn(current);
  const packages = await findPackages(archive);
  const key = { sources, versions: await digest([JSON.stringify(packages)]), checkedAt: Date.now() };
  if (seen?.sources !== sources || seen.versions !== key.versions) {
    say("Making the machine's disk and kernels of Debian packages");
    await makeParts(archive, packages, current);
  }
  await Deno.writeTextFile(`${current}/key.json`, JSON.stringify(key));
  return partsIn(current);
}

interface Packages {
  readonly root: readonly Package[];
  readonly kernels: readonly (readonly [KernelLine, Package])[];
}

async function findPackages(archive: Archive): Promise<Packages> {
  const root = await archive.rootPackages();
  const kernels = await Promise.all(
    KERNEL_LINES.map(async (line) => [line, await archive.kernelPackage(line)] as const),
  );
  return { root, kernels };
}

async function makeParts(archive: Archive, { root, kernels }: Packages, current: string): Promise<void> {
  const made = `${current}.new`;
  await Deno.remove(made, { recursive: true }).catch(() => {});
  await Deno.mkdir(made);
  const tree = `${made}/root`;
  await unpack(await archive.download([...root, ...kernels.map(([, each]) => each)]), tree);
  await addGuestFiles(tree);
  for (const [line] of kernels) await takeKernel(tree, line, made);
  await makeImage(tree, `${made}/root.img`);
  await Deno.remove(tree, { recursive: true });
  await archive.forget();
  // A machine that runs keeps the files that it has open.
  await Deno.remove(current, { recursive: true }).catch(() => {});
  await Deno.rename(made, current);
}

function partsIn(directory: string): Parts {
  return {
    root: `${directory}/root.img`,
    kernel: (line) => `${directory}/kernel-${line}`,
    initramfs: (line) => `${directory}/initramfs-${line}`,
  };
}

interface Key {
  readonly sources: string;
  readonly versions: string;
  readonly checkedAt: number;
}

async function readKey(directory: string): Promise<Key | undefined> {
  const text = await Deno.readTextFile(`${directory}/key.json`).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function readSource(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}

async function digest(texts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(texts.join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function cacheDirectory(): string {
  const [cache, home] = [Deno.env.get("XDG_CACHE_HOME"), Deno.env.get("HOME")];
  return cache?.startsWith("/") ? cache : `${home ?? "/root"}/.cache`;
}
