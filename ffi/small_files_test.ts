import { deepEqual, equal } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import { tryLock } from "./descriptor.ts";
import { openPath } from "./file.ts";
import { O } from "./machine.ts";
import { failure, unwrap } from "./outcome.ts";
import { SmallFiles } from "./small_files.ts";

/** A directory, and its files; nothing of it stays. */
function withFiles(act: (directory: string, files: SmallFiles) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    using files = unwrap(SmallFiles.open(directory), "open");
    act(directory, files);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

for (const size of [0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 100_000]) {
  Deno.test(`SmallFiles.read() reads ${size} bytes, whatever was read before`, () => {
    withFiles((directory, files) => {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
      Deno.mkdirSync(`${directory}/a`);
      Deno.writeFileSync(`${directory}/a/b`, bytes);
      Deno.writeTextFileSync(`${directory}/c`, "another");
      for (let count = 0; count < 2; count++) {
        deepEqual(unwrap(files.read("a/b"), "read"), bytes);
        deepEqual(unwrap(files.read("c"), "read"), new TextEncoder().encode("another"));
      }
    });
  });
}

Deno.test("SmallFiles tells the errno of what can't be read", () => {
  withFiles((directory, files) => {
    Deno.mkdirSync(`${directory}/a`);
    deepEqual(files.read("none"), failure(ERRNO.ENOENT));
    deepEqual(files.read("a"), failure(ERRNO.EISDIR));
    deepEqual(files.readDated("a/none"), failure(ERRNO.ENOENT));
    deepEqual(files.read("x".repeat(5000)), failure(ERRNO.ENAMETOOLONG));
    deepEqual(SmallFiles.open(`${directory}/none`), failure(ERRNO.ENOENT));
  });
});

Deno.test("SmallFiles.readDated() tells when a file was written", () => {
  withFiles((directory, files) => {
    Deno.writeTextFileSync(`${directory}/a`, "x");
    Deno.utimeSync(`${directory}/a`, 0, 1_234_567.891);
    equal(unwrap(files.readDated("a"), "read").modifiedMs, 1_234_567_891);
  });
});

Deno.test("SmallFiles.isLocked(): by an exclusive lock, and not by one who only looks", () => {
  withFiles((directory, files) => {
    Deno.writeTextFileSync(`${directory}/a`, "");
    deepEqual([files.isLocked("a"), files.isLocked("none")], [false, false]);
    for (const [how, expected] of [["shared", false], ["exclusive", true]] as const) {
      using holder = unwrap(openPath(`${directory}/a`, { flags: O.O_RDWR }), "open");
      unwrap(tryLock(holder.number, how), "lock");
      equal(files.isLocked("a"), expected, how);
    }
    equal(files.isLocked("a"), false);
  });
});
