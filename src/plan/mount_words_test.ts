/** Tests of readMountWords(): a table of words, and who takes them. */

import { deepEqual, throws } from "node:assert/strict";
import { MOUNT_ATTR, MS } from "../../ffi/constants/mount.ts";
import { type MountWords, readMountWords } from "./mount_words.ts";

const NOTHING: MountWords = { attributes: 0, propagation: 0, isRecursive: true, data: [] };
const { MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC } = MOUNT_ATTR;

const ROWS: readonly { readonly words: string; readonly want: Partial<MountWords> }[] = [
  { words: "", want: {} },
  { words: "rw,suid,dev,exec,relatime", want: {} },
  { words: "ro", want: { attributes: MOUNT_ATTR_RDONLY } },
  {
    words: "nosuid,nodev,noexec",
    want: { attributes: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC },
  },
  { words: "strictatime", want: { attributes: MOUNT_ATTR.MOUNT_ATTR_STRICTATIME } },
  { words: "noatime", want: { attributes: MOUNT_ATTR.MOUNT_ATTR_NOATIME } },
  { words: "rprivate", want: { propagation: MS.MS_PRIVATE } },
  { words: "rbind,rslave", want: { propagation: MS.MS_SLAVE } },
  { words: "shared", want: { propagation: MS.MS_SHARED } },
  { words: "bind", want: { isRecursive: false } },
  { words: "newinstance,gid=5", want: { data: [["gid", "5"]] } },
  { words: "size=64m,mode=1777", want: { data: [["size", "64m"], ["mode", "1777"]] } },
  { words: "context=a=b", want: { data: [["context", "a=b"]] } },
];

for (const { words, want } of ROWS) {
  Deno.test(`readMountWords() of "${words}"`, () => {
    deepEqual(readMountWords(words === "" ? [] : words.split(",")), { ...NOTHING, ...want });
  });
}

for (const word of ["", "RO", "=5", "read-only", "toString"]) {
  Deno.test(`readMountWords() rejects "${word}"`, () => {
    throws(() => readMountWords([word]), { code: "usage" });
  });
}
