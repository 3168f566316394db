/** Volumes: made, filled, shared, kept and removed; as root and as an ordinary user. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done, importRoot } from "./image_box.ts";
import { makeOciArchive } from "./image_maker.ts";
import { sleep } from "../kernel/robust_harness.ts";

/** An image with a directory of its own at /data, and links there that lead elsewhere. */
async function loadImage(box: Box, config: Record<string, unknown> = {}): Promise<void> {
  const root = box.makeRootfs("image");
  const make = [
    `mkdir -p ${root}/data/sub ${root}/deep`,
    `echo first >${root}/data/sub/file`,
    `ln ${root}/data/sub/file ${root}/data/hard`,
    `ln -s sub/file ${root}/data/link`,
    `ln -s ../../../../../etc ${root}/out`,
    `chown 7:8 ${root}/data/sub/file && chmod 4711 ${root}/data/sub/file`,
    `mkdir ${root}/owned && chown 1000:1000 ${root}/owned && chmod 1750 ${root}/owned`,
  ];
  const { code, stderr } = await new Deno.Command("sh", { args: ["-ec", make.join("\n")] }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  const archive = await makeOciArchive(`${box.directory}/image.tar`, {
    name: "img:latest",
    config: { Cmd: ["sh"], ...config },
    layers: [{ directory: root, hasOwners: true }, { "data/second": "2\n" }],
  });
  await done(box.run("load", "-q", "-i", archive));
}

const volumes = async (box: Box, ...flags: readonly string[]) =>
  (await done(box.run("volume", "ls", "-q", ...flags))).split("\n").filter((name) => name !== "");

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`volumes: by name, they outlive containers and are shared, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      equal(await done(box.run("volume", "create", "--label", "tier=db", "data")), "data\n");
      await done(box.inside("-v", "data:/v", "sh", "-c", "echo kept >/v/file"));
      equal(await done(box.inside("-v", "data:/v:ro", "cat", "/v/file")), "kept\n");
      equal((await box.inside("-v", "data:/v:ro", "touch", "/v/x")).code, 1);
      equal(await done(box.inside("--mount", "src=data,dst=/m,readonly", "cat", "/m/file")), "kept\n");
      await done(box.inside("-v", "made:/v", "true"));
      deepEqual(await volumes(box), ["data", "made"]);
      deepEqual(await volumes(box, "--filter", "label=tier=db"), ["data"]);
      match(await done(box.run("volume", "ls")), /^DRIVER +VOLUME NAME\nlocal +data\nlocal +made\n$/);
      const format = "{{.Name}} {{.Driver}} {{.Labels.tier}} {{.Mountpoint}}";
      equal(
        await done(box.run("volume", "inspect", "-f", format, "data")),
        `data local db ${box.state}/volumes/data/_data\n`,
      );
      await done(box.run("create", "--name", "user", "--rootfs", box.rootfs, "-v", "data:/v", "true"));
      equal(
        await done(box.run("inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Name}} {{.RW}}{{end}}", "user")),
        "volume data true\n",
      );
      deepEqual(await volumes(box, "--filter", "dangling=true"), ["made"]);
      const used = await box.run("volume", "rm", "-f", "data");
      deepEqual([used.code, used.stdout], [1, ""]);
      match(used.stderr, /container "user" uses it\n {2}hint/);
      await done(box.run("rm", "-v", "user"));
      equal(await done(box.run("volume", "rm", "data", "made")), "data\nmade\n");
      deepEqual(await volumes(box), []);
      equal((await box.run("volume", "rm", "data")).code, 1);
      equal((await box.run("volume", "rm", "-f", "data")).code, 0);
    },
  });

  Deno.test({
    ...requires(`volumes: a new one gets what the image has there, once, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await loadImage(box);
      const look = [
        "cd /data",
        "stat -c '%n %a %u:%g %h' . sub/file hard second",
        "readlink link",
        "cat sub/file second",
      ].join("; ");
      const seen = await done(box.run("run", "--rm", "-v", "data:/data", "img", "sh", "-c", look));
      equal(
        seen,
        ". 755 0:0 3\nsub/file 4711 7:8 2\nhard 4711 7:8 2\nsecond 644 0:0 1\nsub/file\nfirst\n2\n",
      );
      await done(
        box.run("run", "--rm", "-v", "data:/data", "img", "sh", "-c", "rm -r /data/*; echo own >/data/own"),
      );
      equal(await done(box.run("run", "--rm", "-v", "data:/data", "img", "ls", "/data")), "own\n");
      equal(await done(box.run("run", "--rm", "-v", "empty:/data:nocopy", "img", "ls", "/data")), "");
      equal(await done(box.run("run", "--rm", "-v", "new:/deep/er", "img", "ls", "/deep/er")), "");
      const owner = ["stat", "-c", "%a %u:%g", "/owned"];
      equal(await done(box.run("run", "--rm", "-v", "owned:/owned", "img", ...owner)), "1750 1000:1000\n");
      // The link leads to /etc of the image, not of this machine.
      await done(box.run("run", "--rm", "-v", "out:/out", "img", "true"));
      const copied = await done(box.run("run", "--rm", "-v", "out:/v", "img", "ls", "/v"));
      ok(!copied.includes("shadow"), copied);
      await done(box.run("volume", "prune", "-af"));
    },
  });

  Deno.test({
    ...requires(`volumes: a second user takes nothing from the first, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await loadImage(box);
      for (const [name, path] of [["none", "/none"], ["empty", "/deep"]] as const) {
        await done(box.run("run", "-d", "--name", name, "-v", `${name}:${path}`, "img", "sleep", "1000"));
        equal(await done(box.run("run", "--rm", "-v", `${name}:/data`, "img", "ls", "/data")), "");
        await done(box.run("exec", name, "sh", "-c", `echo own >${path}/file`));
        equal(await done(box.run("run", "--rm", "-v", `${name}:/v`, "img", "cat", "/v/file")), "own\n");
        await done(box.run("rm", "-f", name));
      }
      await done(box.run("volume", "prune", "-af"));
    },
  });

  Deno.test({
    ...requires(`volumes: without a name they go with their container, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await loadImage(box, { Volumes: { "/data": {}, "/extra": {} } });
      equal(await done(box.run("run", "--rm", "img", "ls", "/data")), "hard\nlink\nsecond\nsub\n");
      deepEqual(await volumes(box), []);
      await done(box.run("run", "-d", "--name", "one", "-v", "named:/extra", "img", "sleep", "1000"));
      equal((await volumes(box)).length, 2);
      await done(box.run("exec", "one", "sh", "-c", "echo shared >/data/own"));
      const look = "cat /data/own; touch /data/x || echo no";
      equal(
        (await box.run("run", "--rm", "--volumes-from", "one:ro", "img", "sh", "-c", look)).stdout,
        "shared\nno\n",
      );
      await done(box.run("create", "--name", "two", "--volumes-from", "one", "img", "cat", "/data/own"));
      await done(box.run("rm", "-fv", "one"));
      // Another container has taken it over.
      equal((await volumes(box)).length, 2);
      equal(await done(box.run("start", "-a", "two")), "shared\n");
      await done(box.run("rm", "-v", "two"));
      equal((await volumes(box)).length, 2);
      match(await done(box.run("volume", "prune", "-f")), /^Deleted Volumes:\n[0-9a-f]{64}\n\nTotal/);
      deepEqual(await volumes(box), ["named"]);
      await done(box.run("volume", "prune", "-af"));
    },
  });
}

Deno.test({
  ...requires(
    "volumes: a start that fails leaves none, and a plan that is printed makes none",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    equal((await box.inside("-v", "/anonymous", "no-such-program")).code, 127);
    equal((await box.inside("-v", "/anonymous", "-u", "nobody-at-all", "true")).code, 125);
    await done(box.run("create", "--name", "taken", "--rootfs", box.rootfs, "true"));
    equal((await box.run("create", "--name", "taken", "-v", "/a", "--rootfs", box.rootfs, "true")).code, 125);
    equal(
      (await box.run("run", "--dry-run", "-v", "data:/v", "-v", "/w", "--rootfs", box.rootfs, "true")).code,
      0,
    );
    deepEqual(await volumes(box), []);
    await done(box.run("rm", "taken"));
  },
});

Deno.test({
  ...requires(
    "volumes: eight first users at once, and one that is killed, fill it once",
    "root",
    "busybox",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    await loadImage(box);
    for (const delay of [5, 20, 40, 60, 80]) {
      const name = `killed-${delay}`;
      const client = box.spawn(box.command("run", "--rm", "-v", `${name}:/data`, "img", "true"));
      await sleep(delay);
      client.kill("SIGKILL");
      await client.ended;
      const seen = await done(box.run("run", "--rm", "-v", `${name}:/data`, "img", "ls", "/data"));
      equal(seen, "hard\nlink\nsecond\nsub\n", name);
    }
    const ran = await Promise.all(
      Array.from(
        { length: 8 },
        (_, n) =>
          done(
            box.run(
              "run",
              "--rm",
              "-v",
              "many:/data",
              "img",
              "sh",
              "-c",
              `echo ${n} >/data/${n}; ls /data/sub`,
            ),
          ),
      ),
    );
    deepEqual(ran, Array(8).fill("file\n"));
    const all = await done(box.run("run", "--rm", "-v", "many:/data", "img", "ls", "/data"));
    equal(all, "0\n1\n2\n3\n4\n5\n6\n7\nhard\nlink\nsecond\nsub\n");
    const { stdout } = await box.run("list", "-aq");
    for (const id of stdout.split("\n").filter((line) => line !== "")) await box.run("rm", "-f", id);
    // What was killed before it had a name goes when it is some seconds old.
    for (let tries = 0; tries < 20 && box.traces().length > 0; tries++) {
      await sleep(500);
      await box.run("list", "-aq");
    }
    await done(box.run("volume", "prune", "-af"));
  },
});

Deno.test({
  ...requires("volumes: one of another version is refused and left alone", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await done(box.run("volume", "create", "data"));
    const path = `${box.state}/volumes/data/volume.json`;
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"version":1', '"version":9'));
    const refused = await box.inside("-v", "data:/v", "true");
    equal(refused.code, 125);
    match(refused.stderr, /Cannot read volume "data": it has another version/);
    equal((await box.run("volume", "rm", "data")).code, 1);
    equal((await box.run("volume", "ls")).code, 1);
    await Deno.remove(`${box.state}/volumes`, { recursive: true });
  },
});

Deno.test({
  ...requires(
    "volumes: the first content has its owners, times and attributes",
    "root",
    "busybox",
    "tar",
    "attr",
  ),
  async fn() {
    await using box = await openBox();
    const make = [
      "mkdir -p d/e",
      "echo content >d/e/file",
      "chown 5:6 d/e/file",
      "chown 7:8 d",
      "chmod 2750 d",
      "setfattr -n user.word -v value d/e/file",
      "touch -d '2002-02-02 02:02:02.125 UTC' d/e/file d/e d",
    ];
    await done(box.exec(["sh", "-ec", make.join("\n")], { cwd: box.rootfs }));
    await done(
      box.exec(["tar", "--xattrs", "--numeric-owner", "-C", box.rootfs, "-cf", `${box.work}/a.tar`, "."]),
    );
    await done(box.run("import", `${box.work}/a.tar`, "app"));
    await done(box.run("run", "--rm", "-v", "new:/d", "app", "true"));
    const list = "find . -printf '%p %m %U:%G %T@\\n' | sort; getfattr -d e/file";
    const look = (directory: string) => done(box.exec(["sh", "-ec", list], { cwd: directory }));
    const told = await look(`${box.state}/volumes/new/_data`);
    match(told, /^\. 2750 7:8 1012615322\.125/);
    match(told, /user\.word="value"/);
    equal(told, await look(`${box.rootfs}/d`));
  },
});

Deno.test({
  ...requires(
    "volumes: who removes takes none from a container that is being made",
    "root",
    "busybox",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    await importRoot(box, "app");
    let isOver = false;
    const remove = async () => {
      for (let count = 0; !isOver; count++) {
        const words = count % 2 === 0 ? ["prune", "-af"] : ["rm", "shared"];
        const { code, stderr } = await box.run("volume", ...words);
        if (code !== 0) match(stderr, /there is none of that name|that uses it is being made|uses it/);
      }
    };
    const removing = [remove(), remove()];
    for (let round = 0; round < 15; round++) {
      const id = (await done(box.run("create", "-v", "shared:/bin", "-v", "/etc", "app", "true"))).trim();
      const mounts = JSON.parse(await done(box.run("inspect", "--format", "{{json .Mounts}}", id)));
      for (const { Source } of mounts) equal((await Deno.stat(Source)).isDirectory, true);
      equal((await box.run("start", "-a", id)).code, 0);
      await done(box.run("rm", "-v", id));
    }
    isOver = true;
    await Promise.all(removing);
  },
});
