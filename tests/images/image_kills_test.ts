/**
 * What changes the store of images, killed before each of its writes: the store is sound, nothing of it is half there,
 * and the same command does its work the next time. `MYCTR_EVERY_WRITE=1` takes all of them, else some of each kind of
 * call, other ones each time.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox } from "../kernel/box.ts";
import { shown } from "../kernel/kills_harness.ts";
import { FakeRegistry } from "./fake_registry.ts";
import { done, expectSound, importRoot, storeFiles } from "./image_box.ts";
import { makeLayer, makeRootArchive } from "./image_maker.ts";

/** Calls that change files. */
const WRITES = [
  "write,pwrite64,writev,ftruncate,fallocate,copy_file_range,fsync,fdatasync",
  "mkdir,mkdirat,mknodat,symlinkat,symlink,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir",
  "fchown,fchownat,fchmod,fchmodat,utimensat,setxattr,fsetxattr,flock",
].join(",");

/** How many of the calls of one name a command is killed before, where not all are asked for. */
const SAMPLES = 2;

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  /** Makes the store as it is before the command. */
  readonly before: (box: Box) => Promise<void>;
  /** Whether it has done its work. */
  readonly after: (box: Box) => Promise<void>;
}

const exists = async (box: Box, image: string) => equal(await done(box.run("run", "--rm", image)), "kept\n");
const isGone = async (box: Box, image: string) => equal((await box.run("image", "inspect", image)).code, 1);
const remove = async (box: Box, image: string) => void await box.run("rmi", "-f", image);

Deno.test({
  ...requires(
    "image kills: before each write, the store stays sound, and the next one does it",
    "root",
    "busybox",
    "tar",
    "strace",
  ),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    const layers = [await makeLayer({ directory: box.rootfs }), await makeLayer({ "etc/more": "x\n" })];
    await registry.add({ repository: "app", tag: "1", layers, config: { Cmd: ["echo", "kept"] } });
    const pulled = `${registry.host}/app:1`;
    const archive = await makeRootArchive(`${box.directory}/root.tar`, box.rootfs);
    await importRoot(box, "kept", "-c", 'CMD ["echo","kept"]');
    await done(box.run("tag", "kept", "loaded"));
    await done(box.run("save", "-o", `${box.work}/loaded.tar`, "loaded"));
    await done(box.run("rmi", "loaded"));
    await done(box.run("run", "--name", "made", "kept", "touch", "/etc/new"));
    const add = async () =>
      void await importRoot(box, "other", "-m", "another one", "-c", 'CMD ["echo","kept"]');
    const cases: readonly Case[] = [
      {
        name: "pull",
        words: ["pull", "-q", pulled],
        before: (box) => remove(box, pulled),
        after: (box) => exists(box, pulled),
      },
      {
        name: "import",
        words: ["import", "-m", "new", "-c", 'CMD ["echo","kept"]', archive, "imported"],
        before: (box) => remove(box, "imported"),
        after: (box) => exists(box, "imported"),
      },
      {
        name: "load",
        words: ["load", "-q", "-i", `${box.work}/loaded.tar`],
        before: (box) => remove(box, "loaded"),
        after: (box) => exists(box, "loaded"),
      },
      {
        name: "commit",
        words: ["commit", "-c", 'CMD ["echo","kept"]', "made", "committed"],
        before: (box) => remove(box, "committed"),
        after: (box) => exists(box, "committed"),
      },
      { name: "rmi", words: ["rmi", "-f", "other"], before: add, after: (box) => isGone(box, "other") },
      {
        name: "image prune",
        words: ["image", "prune", "-af", "--filter", "label!=kept"],
        before: add,
        after: (box) => isGone(box, "other"),
      },
    ];
    await shown(async () => {
      for (const each of cases) await killAtWrites(box, each);
    });
    await done(box.run("rm", "made"));
    await done(box.run("image", "prune", "-af"));
    deepEqual(storeFiles(box), []);
  },
});

/** A call before which a command is killed: the one of that number among those of its name in its thread. */
interface Write {
  readonly call: string;
  readonly number: number;
}

async function killAtWrites(box: Box, { name, words, before, after }: Case): Promise<void> {
  const writes = await listWrites(box, words, before);
  let killed = 0;
  for (const { call, number } of writes) {
    await before(box);
    const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${number}`];
    const traced = [...TRACE, "-o", "/dev/null", ...inject, ...box.command(...words)];
    const { code, signal, stderr } = await box.exec(traced);
    const where = `${name}, killed before ${call} ${number}`;
    // It may have been a helper that was killed; and threads share the work in another way each time.
    const isTold = code === 125 && /^myctr: Cannot /.test(stderr);
    if (signal === "SIGKILL" || code === 137 || isTold) killed++;
    else deepEqual([code, stderr], [0, ""], where);
    await expectSound(box, where);
    const again = await box.run(...words);
    const isDone = again.code === 0 || words[0] === "rmi" && /Cannot find image/.test(again.stderr);
    ok(isDone, `${where}, then: ${again.stderr}`);
    await after(box);
  }
  ok(killed >= writes.length / 5, `${name} was killed ${killed} times of ${writes.length}`);
}

const TRACE = ["strace", "-f", "-qqq"];

/** Lists the calls of a command, as many of each name as the thread makes that makes the most of them. */
async function listWrites(
  box: Box,
  words: readonly string[],
  before: Case["before"],
): Promise<readonly Write[]> {
  await before(box);
  const log = `${box.directory}/writes`;
  await done(box.exec([...TRACE, "-o", log, "-e", `trace=${WRITES}`, ...box.command(...words)]));
  const counts = new Map<string, Map<string, number>>();
  for (const line of (await Deno.readTextFile(log)).split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === "") continue;
    const ofCall = counts.get(call) ?? new Map<string, number>();
    counts.set(call, ofCall.set(thread, (ofCall.get(thread) ?? 0) + 1));
  }
  ok(counts.size >= 5, [...counts.keys()].join(" "));
  return [...counts].flatMap(([call, ofCall]) => {
    const most = Math.max(...ofCall.values());
    const numbers = Array.from({ length: most }, (_, index) => index + 1);
    const isEach = Deno.env.get("MYCTR_EVERY_WRITE") !== undefined;
    const chosen = isEach ? numbers : numbers.sort(() => Math.random() - 0.5).slice(0, SAMPLES);
    return chosen.map((number) => ({ call, number }));
  });
}
