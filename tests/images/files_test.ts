/** Files of containers from outside: cp, diff, export and commit; of those that run and those that do not. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done, importRoot } from "./image_box.ts";
import { sleep } from "../kernel/robust_harness.ts";

/** A container with some files of its own: one that has ended, or one that runs on. */
async function makeContainer(box: Box, name: string, isRunning: boolean): Promise<void> {
  await importRoot(box, "app", "-c", 'CMD ["sh"]');
  const make = [
    "mkdir -p /d/e && echo one >/d/e/f && chown 7:8 /d/e/f && chmod 4755 /d/e/f && ln /d/e/f /d/hard",
    "ln -s ../../../../../../../../etc /out && ln -s / /top && mkfifo /d/fifo",
    "rm /bin/true && rm -r /srv 2>/dev/null; echo changed >/etc/group",
    isRunning ? "touch /ready; exec sleep 1000" : "true",
  ];
  await box.run("run", ...(isRunning ? ["-d"] : []), "--name", name, "app", "sh", "-c", make.join("\n"));
  while (isRunning && (await box.run("exec", name, "test", "-e", "/ready")).code !== 0) await sleep(20);
}

const inside = (box: Box, name: string, isRunning: boolean, ...command: readonly string[]) =>
  isRunning
    ? box.run("exec", name, ...command)
    : box.run("commit", name, "look").then(() => box.run("run", "--rm", "look", ...command));

for (const { user, needs } of USERS) {
  for (const isRunning of [true, false]) {
    const how = `${isRunning ? "running" : "ended"}, as ${user}`;
    Deno.test({
      ...requires(`files: cp out of a container, ${how}`, ...needs, "tar"),
      async fn() {
        await using box = await openBox({ user });
        await makeContainer(box, "c", isRunning);
        const look = (...words: readonly string[]) => done(box.exec(box.as("sh", "-c", words.join(" "))));
        const own = (await look("id -u; id -g")).trim().replace("\n", ":");
        await done(box.run("cp", "c:/d/e/f", "copy"));
        equal(await look("cat copy; stat -c '%a %u:%g' copy"), `one\n4755 ${own}\n`);
        await done(box.run("cp", "c:/d", "dir"));
        equal(
          await look("cd dir; stat -c '%n %F %h' * e/f"),
          "e directory 2\nfifo fifo 1\nhard regular file 2\ne/f regular file 2\n",
        );
        await done(box.run("cp", "c:/d/.", "dir"));
        await done(box.run("cp", "c:/d", "dir"));
        equal(await look("ls dir dir/d"), "dir:\nd\ne\nfifo\nhard\n\ndir/d:\ne\nfifo\nhard\n");
        // A link is itself, and with -L what it leads to in the container: never what is there on this machine.
        await done(box.run("cp", "c:/out", "link"));
        equal(await look("readlink link"), "../../../../../../../../etc\n");
        await done(box.run("cp", "-L", "c:/out/group", "group"));
        equal(await look("cat group"), "changed\n");
        const archive = await box.exec([
          "sh",
          "-c",
          `${box.command("cp", "c:/d", "-").join(" ")} | tar -tv --numeric-owner`,
        ]);
        match(archive.stdout, /-rwsr-xr-x 7\/8 +4 .* d\/e\/f\n/);
        for (
          const [from, to, why] of [["c:/none", "x", "does not exist"], ["c:/d", "copy", "take the place"], [
            "c:/d",
            "no/x",
            "directory does not exist",
          ]]
        ) {
          const refused = await box.run("cp", from!, to!);
          equal(refused.code, 125);
          match(refused.stderr, new RegExp(why!));
        }
        await done(box.run("rm", "-f", "c"));
      },
    });

    Deno.test({
      ...requires(`files: cp into a container, ${how}`, ...needs, "tar"),
      async fn() {
        await using box = await openBox({ user });
        await makeContainer(box, "c", isRunning);
        await box.write("local", "from outside\n");
        await Deno.mkdir(`${box.work}/tree`);
        await box.give(`${box.work}/tree`);
        await box.write("tree/leaf", "leaf\n");
        await done(box.run("cp", "local", "c:/d/new"));
        await done(box.run("cp", "local", "c:/d/e/f"));
        await done(box.run("cp", "tree", "c:/d"));
        await done(box.run("cp", "tree/.", "c:/d/e"));
        // Links are followed in the container's own root.
        await done(box.run("cp", "local", "c:/out/from-outside"));
        await done(box.run("cp", "local", "c:/top/d/by-top"));
        const stat =
          "cd /d; cat new e/f tree/leaf e/leaf by-top /etc/from-outside; stat -c %u:%g new e/f tree";
        const seen = await inside(box, "c", isRunning, "sh", "-c", stat);
        equal(
          seen.stdout,
          `${"from outside\n".repeat(2)}leaf\nleaf\n${"from outside\n".repeat(2)}${"0:0\n".repeat(3)}`,
          seen.stderr,
        );
        equal(Array.from(Deno.readDirSync("/etc")).some(({ name }) => name === "from-outside"), false);
        const packed = `tar -C ${box.work} -c tree | ${box.command("cp", "-", "c:/d/e").join(" ")}`;
        equal((await box.exec(["sh", "-c", packed])).code, 0);
        const evil = `tar -C ${box.work} -P -c --transform 's,^,../../,' tree | ${
          box.command("cp", "-", "c:/d").join(" ")
        }`;
        const refused = await box.exec(["sh", "-c", evil]);
        equal(refused.code, 125);
        match(refused.stderr, /leads out of the archive/);
        for (
          const [from, to, why] of [
            ["none", "c:/d", "does not exist"],
            ["tree", "c:/d/new", "take the place"],
            ["local", "c:/no/x", "directory does not exist"],
            ["local", "c:/d/e/", ""],
            ["tree", "tree", "neither place"],
          ]
        ) {
          const ran = await box.run("cp", from!, to!);
          equal(ran.code, why === "" ? 0 : 125, ran.stderr);
          match(ran.stderr, new RegExp(why!));
        }
        await done(box.run("rm", "-f", "c"));
      },
    });

    Deno.test({
      ...requires(`files: diff, export and commit of a container, ${how}`, ...needs, "tar"),
      async fn() {
        await using box = await openBox({ user });
        await makeContainer(box, "c", isRunning);
        const changes = await done(box.run("diff", "c"));
        const expected = [
          "A /d",
          "A /d/e",
          "A /d/e/f",
          "A /d/fifo",
          "A /d/hard",
          "D /bin/true",
          "C /bin",
          "C /etc",
          "C /etc/group",
          "A /out",
          "A /top",
        ];
        for (const line of expected) ok(changes.split("\n").includes(line), `${line} is not in\n${changes}`);
        equal(/ \/(proc|sys|dev)\b/.test(changes), false, changes);
        const list = `${box.command("export", "c").join(" ")} | tar -t`;
        const names = (await done(box.exec(["sh", "-c", list]))).split("\n");
        for (const name of ["./d/e/f", "./d/hard", "./bin/sh", "./proc/", "./out"]) {
          ok(names.includes(name), name);
        }
        equal(names.includes("./bin/true"), false);
        equal(names.some((name) => /^\.\/(proc|sys|dev)\/./.test(name)), false);
        await done(box.run("export", "-o", "all.tar", "c"));
        await done(box.run("import", "all.tar", "flat"));
        equal(await done(box.run("run", "--rm", "flat", "cat", "/d/hard")), "one\n");

        const id =
          (await done(box.run("commit", "-m", "said", "-a", "me", "-c", "ENV MORE=1", "c", "made:1"))).trim();
        const ran = await box.run(
          "run",
          "--rm",
          "made:1",
          "sh",
          "-c",
          "cat /d/e/f; stat -c '%a %u:%g %h' /d/e/f; ls /bin/true; echo $MORE",
        );
        equal(ran.stdout, "one\n4755 7:8 2\n1\n");
        match(ran.stderr, /\/bin\/true: No such file/);
        match(await done(box.run("history", "made:1")), /said\n.*myctr import/);
        equal(await done(box.run("inspect", "-f", "{{.Author}} {{len .RootFS.Layers}}", id)), "me 2\n");
        // On top of that once more.
        await done(
          box.run("run", "--name", "next", "made:1", "sh", "-c", "rm -r /d && mkdir /d && echo two >/d/x"),
        );
        await done(box.run("commit", "next", "made:2"));
        equal(await done(box.run("run", "--rm", "made:2", "ls", "/d")), "x\n");
        await done(box.run("rm", "-f", "c", "next"));
      },
    });
  }
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `files: cp sees the volumes of a container that has ended, or never ran, as ${user}`,
      ...needs,
      "tar",
    ),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app");
      await box.write("bound", "bound\n");
      const mounts = ["-v", "vol:/data", "-v", `${box.work}/bound:/some/bound:ro`];
      await done(box.run("run", "--name", "ended", ...mounts, "app", "sh", "-c", "echo in >/data/file"));
      await done(box.run("create", "--name", "made", ...mounts, "app", "true"));
      for (const name of ["ended", "made"]) {
        await done(box.run("cp", `${name}:/data`, `${box.work}/${name}`));
        equal(await Deno.readTextFile(`${box.work}/${name}/file`), "in\n");
        await done(box.run("cp", `${name}:/some/bound`, `${box.work}/${name}/`));
        equal(await Deno.readTextFile(`${box.work}/${name}/bound`), "bound\n");
        const refused = await box.run("cp", `${box.work}/bound`, `${name}:/some/bound`);
        deepEqual([refused.code, /a file is mounted there/.test(refused.stderr)], [125, true]);
        await done(box.run("cp", `${box.work}/bound`, `${name}:/data/${name}`));
      }
      const names = await done(box.run("run", "--rm", "-v", "vol:/v", "app", "ls", "/v"));
      equal(names, "ended\nfile\nmade\n");
      equal(/^A \/data\/file$/m.test(await done(box.run("diff", "ended"))), false);
      await done(box.run("rm", "ended", "made"));
      await done(box.run("volume", "rm", "vol"));
    },
  });
}

Deno.test({
  ...requires("files: a full disk, or a reader that goes away, ends cp and export", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await importRoot(box, "app");
    await done(box.run("run", "--name", "big", "app", "sh", "-c", "head -c 20000000 /dev/urandom >/big"));
    const small = `${box.directory}/small`;
    await Deno.mkdir(small);
    await done(box.exec(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small]));
    try {
      for (const words of [["cp", "big:/big", `${small}/`], ["export", "-o", `${small}/archive`, "big"]]) {
        const { code, signal, stderr } = await box.run(...words);
        deepEqual([code, signal], [125, null], stderr);
        match(stderr, /^myctr: Cannot .*(ENOSPC|No space left)/);
      }
      const words = ["save", "--format", "oci-dir", "-o", `${small}/layout`, "app"];
      match((await box.run(...words)).stderr, /^myctr: Cannot .*No space left/);
      deepEqual(Array.from(Deno.readDirSync(`${small}/layout`)), []);
      match(
        (await box.run("--root", small, "volume", "create", "v")).stderr,
        /^myctr: Cannot .*No space left/,
      );
      deepEqual(Array.from(Deno.readDirSync(`${small}/volumes`)), []);
    } finally {
      await done(box.exec(["umount", small]));
    }
    for (const words of [["export", "big"], ["cp", "big:/big", "-"]]) {
      const command = box.command(...words).map((word) => `'${word}'`).join(" ");
      equal(
        (await done(box.exec(["bash", "-o", "pipefail", "-c", `${command} | head -c 10 | wc -c`]))).trim(),
        "10",
      );
    }
    await done(box.run("rm", "big"));
  },
});

Deno.test({
  ...requires("files: what has no layer, or nothing left, says so", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await done(box.run("run", "--name", "host", "host", "true"));
    await done(box.run("run", "--name", "dir", "--rootfs", box.rootfs, "sh", "-c", "echo here >/own"));
    await done(box.run("run", "--name", "mem", "--rootfs-tmpfs", "--rootfs", `${box.rootfs}:O`, "true"));
    await done(
      box.run("run", "--name", "over", "--rootfs", `${box.rootfs}:O`, "sh", "-c", "echo over >/own"),
    );
    await done(box.run("cp", "dir:/own", "own"));
    await done(box.run("cp", "over:/own", "over"));
    equal(await done(box.exec(["cat", `${box.work}/own`, `${box.work}/over`])), "here\nover\n");
    match(await done(box.run("diff", "over")), /^C \/own$/m);
    for (
      const [words, why] of [
        [["diff", "host"], /it has no layer/],
        [["diff", "dir"], /it has no layer/],
        [["commit", "over", "x"], /it was not made of an image\n {2}hint {2}.*export over/],
        [["cp", "mem:/etc", "x"], /its files were in memory/],
        [["export", "host"], /its files were in memory/],
        [["commit", "none"], /Cannot find container/],
      ] as const
    ) {
      const { code, stderr } = await box.run(...words);
      equal(code, 125, words.join(" "));
      match(stderr, why);
    }
    await done(box.run("rm", "host", "dir", "mem", "over"));
    deepEqual((await done(box.run("images", "-q"))).trim(), "");
  },
});
