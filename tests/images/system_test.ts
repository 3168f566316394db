/** What concerns all that is kept: df, prune, check and reset. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done, expectSound, importRoot, storeFiles } from "./image_box.ts";
import { FakeRegistry } from "./fake_registry.ts";
import { makeLayer, makeRootArchive } from "./image_maker.ts";
import { sleep } from "../kernel/robust_harness.ts";

const SOUND = /^(\d+) images?, (\d+) blobs?, (\d+) layers?: no damage\n$/;

const blobs = (box: Box) => `${box.state}/blobs/sha256`;

/** The largest blob: the layer. */
async function layerBlob(box: Box): Promise<string> {
  const sizes = Array.from(Deno.readDirSync(blobs(box)), ({ name }) => name)
    .map((name) => ({ name, size: Deno.statSync(`${blobs(box)}/${name}`).size }));
  await Promise.resolve();
  return sizes.sort((a, b) => b.size - a.size)[0]!.name;
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`system: an image is removed whoever owns its root directory, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      const archive = `${box.directory}/owned.tar`;
      equal(
        (await box.exec(["tar", "--owner=1001", "--group=1001", "-C", box.rootfs, "-cf", archive, "."])).code,
        0,
      );
      await done(box.run("import", archive, "owned"));
      match(await done(box.run("rmi", "owned")), /^Untagged: owned:latest\n/);
      while (Array.from(Deno.readDirSync(`${box.state}/layers`)).length > 0) await sleep(20);
      await done(box.run("import", archive, "owned"));
      await expectSound(box, "after a removal");
    },
  });

  Deno.test({
    ...requires(`system: df counts, prune gives back, reset removes all, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app", "-c", 'CMD ["true"]', "-c", "VOLUME /v");
      await importRoot(box, "app", "-c", 'CMD ["true"]', "-m", "newer");
      await done(box.run("run", "--name", "ended", "app"));
      await done(box.run("run", "-v", "named:/v", "--rm", "app"));
      const format = "{{.Type}} {{.TotalCount}} {{.Active}}";
      equal(
        await done(box.run("system", "df", "--format", format)),
        "Images 2 1\nContainers 1 0\nLocal Volumes 1 0\n",
      );
      match(await done(box.run("system", "df")), /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +2 +1 +\d/);
      const each = await done(box.run("system", "df", "-v"));
      match(each, /^app +latest +\w{12} .* [1-9]\S+ +[1-9]\S+ +0B +1$/m);
      match(each, /^<none> +<none> +\w{12} .* [1-9]\S+ +[1-9]\S+ +0B +0$/m);
      match(each, /^\w{12} +app +"true" +0 +0B \(virtual [^)]+\) .* ended$/m);
      match(each, /^named +0 +0B$/m);
      equal((await box.run("system", "df", "-v", "--format", "json")).code, 125);
      const pruned = await done(box.run("system", "prune", "-f"));
      match(pruned, /^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Images:\ndeleted: sha256:/);
      equal(
        await done(box.run("system", "df", "--format", format)),
        "Images 1 0\nContainers 0 0\nLocal Volumes 1 0\n",
      );
      match(await done(box.run("system", "prune", "-af", "--volumes")), /untagged: app:latest/);
      equal(
        await done(box.run("system", "df", "--format", format)),
        "Images 0 0\nContainers 0 0\nLocal Volumes 1 0\n",
      );
      deepEqual(storeFiles(box), []);
      await importRoot(box, "app");
      await Deno.writeTextFile(`${box.state}/mine`, "not myctr's");
      await done(box.run("system", "reset", "-f"));
      deepEqual(Array.from(Deno.readDirSync(box.state), ({ name }) => name), ["mine"]);
    },
  });

  Deno.test({
    ...requires(`system: check finds what is damaged, and repairs, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      let id = await importRoot(box, "app", "-c", 'CMD ["echo","ran"]');
      await done(box.run("tag", "app", "also"));
      deepEqual(SOUND.exec(await done(box.run("system", "check")))?.slice(1), ["2", "3", "1"]);
      const layer = await layerBlob(box);
      const damages: readonly Damage[] = [
        [
          () => flip(`${blobs(box)}/${layer}`),
          /^Damaged: sha256:\w+: its content has the digest \S+ \(of app:latest, also:latest\)$/m,
          false,
        ],
        [() => Deno.truncateSync(`${blobs(box)}/${layer}`, 100), /it has 100 bytes, not \d+/, true],
        [() => Deno.removeSync(`${blobs(box)}/${layer}`), /it is missing/, true],
        [
          () => Deno.writeTextFileSync(`${blobs(box)}/${id.trim().slice(7)}`, "{}"),
          /it has 2 bytes/,
          true,
        ],
        [
          () => Deno.writeTextFileSync(`${box.state}/layers/.new-half`, ""),
          /layers\/\.new-half: it was never finished/,
          true,
        ],
        [() => removeFacts(box), /layers\/\w{16}: nothing tells what it is \(of app:latest/, true],
        ...contentDamages(box),
      ];
      for (const [damage, found, isQuick] of damages) {
        damage();
        for (const quick of isQuick ? [["--quick"], []] : [[]]) {
          const { code, stdout } = await box.run("system", "check", ...quick);
          equal(code, 1, stdout);
          match(stdout, found);
          match(stdout, /: \d damaged\n$/);
        }
        match(await done(box.run("system", "check", "-rf")), /: \d damaged, repaired\n$/);
        match(await done(box.run("system", "check")), SOUND);
        id = await importRoot(box, "app", "-c", 'CMD ["echo","ran"]');
        await done(box.run("tag", "app", "also"));
        equal(await done(box.run("run", "--rm", "also")), "ran\n");
      }
      equal((await box.run("system", "check", "--repair")).code, 125);
    },
  });

  Deno.test({
    ...requires(`system: check repairs no layer under a container that runs, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app", "-c", 'CMD ["echo","ran"]');
      await done(box.run("run", "-d", "--name", "runs", "app", "sleep", "1000"));
      Deno.chmodSync(`${layerDirectory(box)}/tmp`, 0o700);
      const held = await box.run("system", "check", "-rf");
      equal(held.code, 1);
      match(held.stdout, /^Left: layers\/\w{16}: a running container uses it/m);
      equal(await done(box.run("exec", "runs", "echo", "still")), "still\n");
      await done(box.run("rm", "-f", "runs"));
      await done(box.run("create", "--name", "later", "app", "stat", "-c", "%a", "/tmp"));
      await done(box.run("system", "check", "-rf"));
      match(await done(box.run("system", "check")), SOUND);
      equal(await done(box.run("start", "-a", "later")), "1777\n");
      await done(box.run("rm", "later"));
    },
  });
}

/** How something is damaged, what tells of it, and whether a quick look finds it. */
type Damage = readonly [how: () => void, found: RegExp, isQuick: boolean];

/** Of the files of an unpacked layer. */
function contentDamages(box: Box): readonly Damage[] {
  return [
    [
      () => flip(`${layerDirectory(box)}/bin/busybox`),
      /layers\/\w{16}: "bin\/busybox": other content than in the archive \(of .*app:latest.*also:latest\)/,
      false,
    ],
    [
      () => Deno.removeSync(`${layerDirectory(box)}/etc/passwd`),
      /layers\/\w{16}: "etc\/passwd": it is missing/,
      false,
    ],
    [
      () => Deno.writeTextFileSync(`${layerDirectory(box)}/etc/more`, ""),
      /layers\/\w{16}: "etc\/more": it is not in the archive/,
      false,
    ],
    [
      () => Deno.chmodSync(`${layerDirectory(box)}/tmp`, 0o755),
      /"tmp": permissions 755, not 1777/,
      false,
    ],
  ];
}

function flip(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes[Math.trunc(bytes.length / 2)]! ^= 1;
  Deno.writeFileSync(path, bytes);
}

/** The only one. */
function layerDirectory(box: Box): string {
  const names = Array.from(Deno.readDirSync(`${box.state}/layers`), ({ name }) => name);
  return `${box.state}/layers/${names.find((name) => /^\w+$/.test(name))}`;
}

function removeFacts(box: Box): void {
  for (const { name } of Deno.readDirSync(`${box.state}/layers`)) {
    if (name.endsWith(".json")) Deno.removeSync(`${box.state}/layers/${name}`);
  }
}

Deno.test({
  ...requires(
    "system: whatever is killed, the store is sound, and the next one does it",
    "root",
    "busybox",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await registry.add({ repository: "app", tag: "1", layers: [await makeLayer({ directory: box.rootfs })] });
    const archive = await makeRootArchive(`${box.directory}/root.tar`, box.rootfs);
    await importRoot(box, "kept", "-c", 'CMD ["echo","kept"]');
    await done(box.run("save", "-o", `${box.work}/kept.tar`, "kept"));
    const commands = [
      ["import", archive, "new"],
      ["load", "-q", "-i", `${box.work}/kept.tar`],
      ["pull", "-q", `${registry.host}/app:1`],
      ["commit", "made", "new"],
      ["rmi", "-f", "new"],
      ["image", "prune", "-af"],
    ];
    await done(box.run("create", "--name", "made", "kept", "true"));
    // The pull is the longest of them.
    const pulls = Array<readonly string[]>(40).fill(commands[2]!);
    const rounds = [...Array.from({ length: 10 }, () => commands).flat(), ...pulls];
    for (const words of rounds) {
      if (words[0] === "pull") await box.run("rmi", "-f", words[2]!);
      const client = box.spawn(box.command(...words));
      await sleep(Math.random() * 200);
      client.kill("SIGKILL");
      await client.ended;
      await expectSound(box, words.join(" "));
    }
    await done(box.run("pull", "-q", `${registry.host}/app:1`));
    await done(box.run("load", "-q", "-i", `${box.work}/kept.tar`));
    equal(await done(box.run("run", "--rm", "kept")), "kept\n");
    await done(box.run("rm", "made"));
    await done(box.run("image", "prune", "-af"));
    deepEqual(storeFiles(box), []);
  },
});

Deno.test({
  ...requires("system: a full disk is told of, and the store is sound", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await registry.add({ repository: "app", tag: "1", layers: [await makeLayer({ directory: box.rootfs })] });
    const archive = await makeRootArchive(`${box.directory}/root.tar`, box.rootfs);
    await importRoot(box, "app");
    await done(box.run("save", "-o", `${box.work}/app.tar`, "app"));
    const small = `${box.directory}/small`;
    await Deno.mkdir(small);
    const resize = (size: string) => done(box.exec(["mount", "-o", `remount,size=${size}`, small]));
    await done(box.exec(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small]));
    try {
      const run = (...words: readonly string[]) =>
        box.exec([...box.command().slice(0, -2), "--root", small, ...words]);
      const mustFail = async (words: readonly string[], left: RegExp) => {
        for (let tries = 0; tries < 3; tries++) {
          const full = await run(...words);
          equal(full.code, 125, words.join(" "));
          match(full.stderr, /Cannot .*(ENOSPC|No space left)/);
        }
        match(await done(run("system", "check")), left);
      };
      const commands = [
        ["import", archive, "app"],
        ["load", "-q", "-i", `${box.work}/app.tar`],
        ["pull", "-q", `${registry.host}/app:1`],
      ];
      for (const words of commands) {
        // Room for the blob, and not for its files.
        await resize("3m");
        await mustFail(words, /^0 images, 0 blobs, 0 layers: no damage\n$/);
        await resize("30m");
        await done(run(...words));
        await done(run("system", "check"));
        const name = words[0] === "pull" ? `${registry.host}/app:1` : "app";
        equal(await done(run("run", "--rm", name, "echo", "ran")), "ran\n");
        await done(run("rmi", name));
      }
      await done(run("import", archive, "app"));
      await done(run("run", "--name", "big", "app", "sh", "-c", "head -c 5242880 /dev/urandom >/big"));
      await resize("12m");
      await mustFail(["commit", "big", "more"], /^1 image, 3 blobs, 1 layer: no damage\n$/);
      await resize("30m");
      await done(run("commit", "big", "more"));
      equal(await done(run("run", "--rm", "more", "stat", "-c", "%s", "/big")), "5242880\n");
      await done(run("rm", "big"));
    } finally {
      await done(box.exec(["umount", small]));
    }
  },
});
