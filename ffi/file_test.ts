import { deepEqual, equal } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import { S_IF } from "./constants/open.ts";
import { lock, readAll, tryLock, unlock } from "./descriptor.ts";
import { changeMode, openInRoot, openPath, readFilesystem, readStatus } from "./file.ts";
import { O } from "./machine.ts";
import { openExecutable, openUnnamed } from "./memfd.ts";
import { failure, success, unwrap } from "./outcome.ts";
import { spawn } from "./spawn.ts";
import { waitPid } from "./process.ts";

function withFolder(name: string, fn: (path: string) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const path = await Deno.makeTempDir();
    try {
      await fn(path);
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}

withFolder("openInRoot() keeps links and dots inside the root", (root) => {
  Deno.mkdirSync(`${root}/etc`);
  Deno.writeTextFileSync(`${root}/etc/passwd`, "inside");
  Deno.symlinkSync("/etc/passwd", `${root}/link`);
  Deno.symlinkSync("../../../../etc/passwd", `${root}/etc/up`);
  using folder = unwrap(openPath(root, { flags: O.O_PATH | O.O_DIRECTORY }), "open");
  for (const path of ["link", "/etc/up", "/../../etc/passwd"]) {
    using file = unwrap(openInRoot(path, { flags: O.O_RDONLY, dirfd: folder.number }), "openat2");
    equal(new TextDecoder().decode(unwrap(readAll(file.number, 100), "read")), "inside");
  }
  deepEqual(openInRoot("none", { flags: O.O_RDONLY, dirfd: folder.number }), failure(ERRNO.ENOENT));
});

withFolder("readStatus() agrees with Deno.statSync()", (root) => {
  Deno.writeTextFileSync(`${root}/file`, "12345");
  using fd = unwrap(openPath(`${root}/file`, { flags: O.O_RDONLY }), "open");
  unwrap(changeMode(fd.number, 0o4711), "fchmod");
  const { mode, size, ino, uid, gid } = unwrap(readStatus(fd.number), "statx");
  const seen = Deno.statSync(`${root}/file`);
  equal(mode, S_IF.S_IFREG | 0o4711);
  deepEqual([Number(size), Number(ino), uid, gid], [seen.size, seen.ino, seen.uid, seen.gid]);
});

Deno.test("readStatus() tells a device's numbers", () => {
  using fd = unwrap(openPath("/dev/null", { flags: O.O_PATH }), "open");
  const { rdevMajor, rdevMinor, mode } = unwrap(readStatus(fd.number), "statx");
  deepEqual([rdevMajor, rdevMinor, mode & S_IF.S_IFMT], [1, 3, S_IF.S_IFCHR]);
});

Deno.test("readFilesystem() knows proc", () => {
  using fd = unwrap(openPath("/proc/self", { flags: O.O_PATH }), "open");
  equal(unwrap(readFilesystem(fd.number), "fstatfs").type, 0x9fa0n);
});

withFolder("tryLock() and lock() exclude another open file", async (root) => {
  const flags = O.O_RDWR | O.O_CREAT;
  using one = unwrap(openPath(`${root}/lock`, { flags, mode: 0o600 }), "open");
  using two = unwrap(openPath(`${root}/lock`, { flags, mode: 0o600 }), "open");
  unwrap(tryLock(one.number, "exclusive"), "flock");
  deepEqual(tryLock(two.number, "shared"), failure(ERRNO.EAGAIN));
  const waiting = lock(two.number, "exclusive");
  unlock(one.number);
  deepEqual(await waiting, success(undefined));
});

/** A file that ends at once with code 0 for `exec`, whatever the machine. */
const busy = Deno.readFileSync("/bin/true");

function run(fd: number): number {
  const pid = unwrap(
    spawn({ path: `/proc/self/fd/${fd}`, argv: ["true"], env: [], descriptors: [] }),
    "spawn",
  );
  return unwrap(waitPid(pid), "waitpid");
}

Deno.test("openExecutable() gives a file that runs and can not be written", () => {
  using fd = unwrap(openExecutable(busy, { name: "test", directory: "/tmp" }), "memfd_create");
  equal(run(fd.number), 0);
  equal(openPath(`/proc/self/fd/${fd.number}`, { flags: O.O_WRONLY | O.O_TRUNC }).ok, false);
});

withFolder("openUnnamed() gives a file that runs", (root) => {
  using fd = unwrap(openUnnamed(busy, root), "open");
  equal(run(fd.number), 0);
  deepEqual([...Deno.readDirSync(root)], []);
});
