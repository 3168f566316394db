/** The option words of mount(8) as a table: attributes, propagation, and what goes to the filesystem. Pure. */

import { MOUNT_ATTR, MS } from "../../ffi/constants/mount.ts";
import { CtrError } from "../errors.ts";

/** Rows of a word and the mount attributes that it sets; `0` for the defaults, which clear nothing here. */
const ATTRIBUTE_WORDS: Readonly<Record<string, number>> = {
  rw: 0,
  ro: MOUNT_ATTR.MOUNT_ATTR_RDONLY,
  nosuid: MOUNT_ATTR.MOUNT_ATTR_NOSUID,
  suid: 0,
  nodev: MOUNT_ATTR.MOUNT_ATTR_NODEV,
  dev: 0,
  noexec: MOUNT_ATTR.MOUNT_ATTR_NOEXEC,
  exec: 0,
  strictatime: MOUNT_ATTR.MOUNT_ATTR_STRICTATIME,
  noatime: MOUNT_ATTR.MOUNT_ATTR_NOATIME,
  relatime: 0,
};

const PROPAGATION_WORDS: Readonly<Record<string, number>> = {
  private: MS.MS_PRIVATE,
  rprivate: MS.MS_PRIVATE,
  slave: MS.MS_SLAVE,
  rslave: MS.MS_SLAVE,
  shared: MS.MS_SHARED,
  rshared: MS.MS_SHARED,
};

/** Whether a word says how a mount propagates. */
export function isPropagation(word: string): boolean {
  return Object.hasOwn(PROPAGATION_WORDS, word);
}

/** devpts makes a new instance by itself since Linux 4.7. */
const WITHOUT_EFFECT = new Set(["newinstance"]);

/** A mount's options, sorted by who takes them. */
export interface MountWords {
  /** MOUNT_ATTR_* for fsmount(2) and mount_setattr(2). */
  readonly attributes: number;
  /** MS_PRIVATE, MS_SLAVE or MS_SHARED; 0: not named. */
  readonly propagation: number;
  /** `false` for a plain `bind`, which leaves out what is mounted below the source. */
  readonly isRecursive: boolean;
  /** `key=value` pairs for the filesystem itself. */
  readonly data: readonly (readonly [key: string, value: string])[];
}

/** Sorts the words of a mount. @throws {CtrError} code "usage" on a word that no table has */
export function readMountWords(options: readonly string[]): MountWords {
  let attributes = 0;
  let propagation = 0;
  let isRecursive = true;
  const data: [string, string][] = [];
  for (const word of options) {
    const equals = word.indexOf("=");
    if (equals > 0) data.push([word.slice(0, equals), word.slice(equals + 1)]);
    else if (Object.hasOwn(ATTRIBUTE_WORDS, word)) attributes |= ATTRIBUTE_WORDS[word]!;
    else if (Object.hasOwn(PROPAGATION_WORDS, word)) propagation = PROPAGATION_WORDS[word]!;
    else if (word === "bind") isRecursive = false;
    else if (word !== "rbind" && !WITHOUT_EFFECT.has(word)) throw unknownWord(word);
  }
  return { attributes, propagation, isRecursive, data };
}

function unknownWord(word: string): CtrError {
  return new CtrError("usage", `Cannot use mount option ${JSON.stringify(word)}: the word is unknown`, {
    hint: `Use one of ${[...Object.keys(ATTRIBUTE_WORDS), ...Object.keys(PROPAGATION_WORDS)].join(", ")}`,
  });
}
