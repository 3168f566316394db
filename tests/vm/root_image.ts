/** Makes the machine's disk and kernels of Debian packages. It installs nothing and needs no root. */

import { encodeCpio } from "./cpio.ts";
import {
  CONTAINER_APPLETS,
  CONTAINER_DIRECTORIES,
  GUEST_FILES,
  GUEST_LINKS,
  GUEST_USERS,
} from "./guest/layout.ts";
import type { KernelLine } from "./packages.ts";
import { must, mustGiveBytes, run } from "./programs.ts";

const GUEST = decodeURIComponent(new URL("guest", import.meta.url).pathname);
const LEFT_OUT = ["doc", "man", "locale", "info", "bug"].map((name) => `--exclude=./usr/share/${name}/*`);
/** The root needs these before it can load anything from its disk. */
const EARLY_MODULES = ["virtio_pci", "virtio_blk", "ext4"] as const;
/** Sparse: only what is written takes room, and a running machine writes to a copy of its own. */
const DISK_SIZE = "4G";

/** Unpacks packages into a directory, owned by root where the caller is root, else by the caller. */
export async function unpack(debs: readonly string[], directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  // base-files goes first: it makes /bin, /sbin and /lib links, and what follows lands behind them.
  const sorted = debs.toSorted((a, b) =>
    Number(b.includes("/base-files_")) - Number(a.includes("/base-files_"))
  );
  const script = 'deb=$1 && shift && dpkg-deb --fsys-tarfile "$deb" | tar "$@"';
  const words = ["--extract", "--preserve-permissions", "--numeric-owner", "--keep-directory-symlink"];
  for (const deb of sorted) {
    await must("bash", "-o", "pipefail", "-c", script, "unpack", deb, ...words, ...LEFT_OUT, "-C", directory);
  }
}

/** Adds what no package brings. */
export async function addGuestFiles(root: string): Promise<void> {
  for (const [path, text] of Object.entries(GUEST_FILES)) await write(`${root}/${path}`, text);
  for (const [path, target] of Object.entries(GUEST_LINKS)) {
    await makeParent(`${root}/${path}`);
    await Deno.remove(`${root}/${path}`).catch(() => {});
    await Deno.symlink(target, `${root}/${path}`);
  }
  for (const name of ["agent", "environment", "plain_init"]) {
    const text = await Deno.readTextFile(`${GUEST}/${name}`);
    await write(`${root}/usr/lib/vm/${name}`, text);
    await Deno.chmod(`${root}/usr/lib/vm/${name}`, 0o755);
  }
  await addContainerRoot(`${root}/opt/rootfs`, `${root}/usr/bin/busybox`);
  for (const name of ["work", "var/tmp", "home", "usr/local/bin"]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
}

/** The root of containers is there once; each user's copy is made in the machine, where its owner can be set. */
async function addContainerRoot(root: string, busybox: string): Promise<void> {
  for (const name of CONTAINER_DIRECTORIES) await Deno.mkdir(`${root}/${name}`, { recursive: true });
  await Deno.copyFile(busybox, `${root}/bin/busybox`);
  for (const name of CONTAINER_APPLETS) await Deno.symlink("busybox", `${root}/bin/${name}`);
  await write(`${root}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n");
  await write(`${root}/etc/group`, "root:x:0:\napp:x:1000:\n");
}

/** Takes the kernel out of the root, and makes what it unpacks at its start; gives its release. */
export async function takeKernel(root: string, line: KernelLine, into: string): Promise<void> {
  const releases = await Array.fromAsync(Deno.readDir(`${root}/usr/lib/modules`), ({ name }) => name);
  const release = releases.find((name) => name.startsWith(`${line}.`));
  if (release === undefined) throw new Error(`There are no modules of the kernel ${line}`);
  await must("depmod", "--basedir", root, release);
  await Deno.rename(`${root}/boot/vmlinuz-${release}`, `${into}/kernel-${line}`);
  const modules = new Map<string, Uint8Array>();
  for (const module of EARLY_MODULES) {
    const words = ["--dirname", root, "--set-version", release, "--show-depends", module];
    for (const [, path = ""] of (await must("modprobe", ...words)).matchAll(/^insmod (\S+)/gm)) {
      const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.xz$/, "");
      if (!modules.has(name)) modules.set(name, await readModule(path));
    }
  }
  const directories = ["bin", "dev", "modules", "new", "proc", "sys"].map((path) => ({ path }));
  const archive = encodeCpio([
    ...directories,
    { path: "init", content: await Deno.readFile(`${GUEST}/init`) },
    { path: "bin/busybox", content: await Deno.readFile(`${root}/usr/bin/busybox`) },
    { path: "modules/order", content: new TextEncoder().encode([...modules.keys(), ""].join("\n")) },
    ...Array.from(modules, ([name, content]) => ({ path: `modules/${name}`, content })),
  ]);
  await Deno.writeFile(`${into}/initramfs-${line}`, archive);
}

/** busybox can't load a compressed module. */
async function readModule(path: string): Promise<Uint8Array> {
  return path.endsWith(".xz") ? await mustGiveBytes("xz", ["-dc", path]) : await Deno.readFile(path);
}

/** Makes an ext4 image of a directory's content; what belongs to the caller is root's in it. */
export async function makeImage(directory: string, image: string, size = DISK_SIZE): Promise<void> {
  const words = ["-q", "-F", "-O", "^has_journal", "-E", "root_owner=0:0", "-d", directory, image, size];
  if (Deno.uid() !== 0) {
    const { code } = await run("unshare", ["--map-root-user", "mkfs.ext4", ...words]);
    if (code === 0) return;
  }
  // Where user namespaces are forbidden too, the files keep the caller's number: enough to read them.
  await must("mkfs.ext4", ...words);
}

/** The script that the machine runs once: homes, each with a root for containers. */
export const PREPARE_USERS = GUEST_USERS.map(({ name }) =>
  `mkdir -p -m 755 /home/${name}; cp -a /opt/rootfs /home/${name}/rootfs; chown -hR ${name}:${name} /home/${name}`
).concat("cp -a /opt/rootfs /root/rootfs", "chmod 1777 /tmp /var/tmp").join("\n");

async function write(path: string, text: string): Promise<void> {
  await makeParent(path);
  await Deno.writeTextFile(path, text);
}

async function makeParent(path: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
}
