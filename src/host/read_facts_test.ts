/** Tests of the facts of a machine: what is read of a directory made for it, and what holds on every machine. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { requires } from "../../tests/setup/requirements.ts";
import {
  readDevices,
  readHostImage,
  readKind,
  readKinds,
  readLastCapability,
  readOpenFilesHard,
  readOwnCapabilities,
} from "./read_facts.ts";
import { readText } from "./read_text.ts";

/** A directory with one of each kind, for as long as `look` takes. */
function withDirectory(look: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${directory}/directory`);
    Deno.writeTextFileSync(`${directory}/file`, "text\n");
    Deno.symlinkSync("directory", `${directory}/link`);
    Deno.symlinkSync("nowhere", `${directory}/dangling`);
    look(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const KINDS = [
  { name: "directory", kind: "directory" },
  { name: "file", kind: "file" },
  { name: "link", kind: "directory" },
  { name: "dangling", kind: undefined },
  { name: "missing", kind: undefined },
  { name: "file/below", kind: undefined },
] as const;

for (const { name, kind } of KINDS) {
  Deno.test(`readKind() of ${name}: ${kind ?? "nothing"}`, () => {
    withDirectory((directory) => equal(readKind(`${directory}/${name}`), kind));
  });
}

Deno.test("readKinds() leaves out what is not there", () => {
  withDirectory((directory) => {
    const paths = ["file", "missing", "link"].map((name) => `${directory}/${name}`);
    deepEqual(readKinds(paths), { [paths[0]!]: "file", [paths[2]!]: "directory" });
  });
});

Deno.test("readDevices() finds no devices among files, directories and links", () => {
  withDirectory((directory) => deepEqual(readDevices(directory), []));
});

Deno.test({
  ...requires("readDevices() finds the null device by its numbers", "root"),
  fn() {
    const { isBlock, major, minor } = readDevices().find(({ name }) => name === "null")!;
    deepEqual({ isBlock, major, minor }, { isBlock: false, major: 1, minor: 3 });
  },
});

Deno.test("readText() of a file that is not there is empty", () => {
  equal(readText("/none such"), "");
});

Deno.test("readHostImage() finds /usr, and each system directory once", () => {
  const { links, directories } = readHostImage();
  ok(directories.includes("usr"));
  const names = [...links.map(({ name }) => name), ...directories];
  equal(new Set(names).size, names.length);
});

Deno.test("readOwnCapabilities() names nothing that the kernel does not know", () => {
  const last = readLastCapability();
  ok(last >= 40);
  deepEqual(readOwnCapabilities().filter((number) => number > last), []);
});

Deno.test("readOpenFilesHard() is a limit", () => {
  ok(readOpenFilesHard() > 0);
});
