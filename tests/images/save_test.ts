/** Images as archives for others, and what is told of them: save, history, inspect, prune. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done, importRoot, storeFiles } from "./image_box.ts";
import { makeOciArchive } from "./image_maker.ts";

const NEEDS = ["tar", "skopeo"] as const;

async function loadLayers(box: Box, name: string, compress?: "gzip" | "zstd"): Promise<string> {
  const archive = await makeOciArchive(`${box.directory}/layers.tar`, {
    name,
    ...(compress !== undefined && { compress }),
    layers: [{ directory: box.rootfs }, { "d/a": "one\n" }, { "d/b": "two\n", "d/.wh.a": "" }],
    config: { Cmd: ["sh", "-c", "cat /d/*"], Env: ["A=b"], Labels: { tier: "web" } },
  });
  await done(box.run("load", "-q", "-i", archive));
  return archive;
}

function digestOf(inspected: string): string {
  return JSON.parse(inspected).Digest;
}

for (const { user, needs } of USERS) {
  for (const compress of [undefined, "gzip", "zstd"] as const) {
    const kind = compress ?? "plain";
    Deno.test({
      ...requires(`save: ${kind} layers, read by skopeo and loaded again, as ${user}`, ...needs, ...NEEDS),
      async fn() {
        await using box = await openBox({ user });
        await loadLayers(box, "localhost/app:1", compress);
        const inspect = async (where: string) => digestOf(await done(box.exec(["skopeo", "inspect", where])));
        const own = await done(box.run("image", "inspect", "-f", "{{.Digest}}", "localhost/app:1"));
        await done(
          box.run("save", "--format", "oci-archive", "-o", `${box.work}/oci.tar`, "localhost/app:1"),
        );
        equal(await inspect(`oci-archive:${box.work}/oci.tar:localhost/app:1`), own.trim());
        await done(box.run("save", "--format", "oci-dir", "-o", `${box.work}/dir`, "localhost/app:1"));
        equal(await inspect(`oci:${box.work}/dir:localhost/app:1`), own.trim());
        await done(box.run("save", "-o", `${box.work}/docker.tar`, "localhost/app:1"));
        match(await done(box.exec(["skopeo", "inspect", `docker-archive:${box.work}/docker.tar`])), /"A=b"/);
        await done(box.run("rmi", "localhost/app:1"));
        deepEqual(storeFiles(box), []);
        for (const from of ["oci.tar", "dir", "docker.tar"]) {
          equal(await done(box.run("load", "-i", `${box.work}/${from}`)), "Loaded image: localhost/app:1\n");
          equal(await done(box.run("run", "--rm", "localhost/app:1")), "two\n");
          equal(await done(box.run("image", "inspect", "-f", "{{.Digest}}", "localhost/app:1")), own);
          await done(box.run("rmi", "localhost/app:1"));
        }
      },
    });
  }
}

Deno.test({
  ...requires(
    "save: podman loads what myctr saved, and myctr what podman saved",
    "root",
    "busybox",
    "podman",
    ...NEEDS,
  ),
  async fn() {
    await using box = await openBox();
    await loadLayers(box, "localhost/app:1", "gzip");
    const podman = (...words: readonly string[]) =>
      box.exec(["podman", "--root", `${box.directory}/podman`, "--storage-driver=vfs", ...words]);
    for (const format of ["docker-archive", "oci-archive"]) {
      await done(box.run("save", "--format", format, "-o", `${box.work}/${format}`, "localhost/app:1"));
      const loaded = await podman("load", "-q", "-i", `${box.work}/${format}`);
      deepEqual([loaded.code, loaded.stdout], [0, "Loaded image: localhost/app:1\n"], loaded.stderr);
      const back = `${box.work}/back-${format}`;
      equal((await podman("save", "-q", "--format", format, "-o", back, "localhost/app:1")).code, 0);
      await done(box.run("rmi", "localhost/app:1"));
      equal(await done(box.run("load", "-q", "-i", back)), "localhost/app:1\n");
      equal(await done(box.run("run", "--rm", "localhost/app:1")), "two\n");
    }
  },
});

Deno.test({
  ...requires(
    "save: the same bytes each time, each blob once, and nothing where it fails",
    "root",
    "busybox",
    ...NEEDS,
  ),
  async fn() {
    await using box = await openBox();
    await loadLayers(box, "localhost/app:1");
    await done(box.run("tag", "localhost/app:1", "other:2"));
    for (const name of ["a", "b"]) {
      await done(
        box.run("save", "-o", `${box.work}/${name}.tar`, "localhost/app:1", "other:2", "localhost/app:1"),
      );
    }
    await done(box.exec(["cmp", `${box.work}/a.tar`, `${box.work}/b.tar`]));
    const listed = (await done(box.exec(["tar", "-tf", `${box.work}/a.tar`]))).trim().split("\n");
    deepEqual(listed, [...new Set(listed)]);
    deepEqual(
      listed.filter((name) => !name.startsWith("blobs/sha256/")),
      ["blobs/", "index.json", "manifest.json", "oci-layout"],
    );
    await using other = await openBox();
    const loaded = await done(other.run("load", "-i", `${box.work}/a.tar`));
    equal(loaded, "Loaded image: localhost/app:1\nLoaded image: other:2\n");
    const failed = await box.run("save", "-o", `${box.work}/c.tar`, "localhost/app:1", "nothing");
    deepEqual([failed.code, failed.stdout], [125, ""]);
    const full = await box.exec(["sh", "-c", `${box.command("save", "other:2").join(" ")} >/dev/full`]);
    equal(full.code, 125);
    match(full.stderr, /Cannot save the images: No space left on device/);
    const names = Array.from(Deno.readDirSync(box.work), ({ name }) => name).sort();
    deepEqual(names, ["a.tar", "b.tar"]);
    const terminal = await box.exec([
      "script",
      "-qec",
      box.command("save", "other:2").join(" "),
      "/dev/null",
    ]);
    match(terminal.stdout, /standard output is a terminal/);
  },
});

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`save: what history and inspect tell, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      await using box = await openBox({ user });
      const id = (await importRoot(box, "app:1", "-c", "ENV A=b", "-m", "the first", "-c", "LABEL tier=web"))
        .trim();
      const rows = (await done(box.run("history", "app:1"))).split("\n");
      match(rows[0]!, /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
      match(rows[1]!, new RegExp(`^${id.slice(7, 19)} .* ago +myctr import +[\\d.]+MB +the first$`));
      equal(await done(box.run("history", "-q", "--no-trunc", "app:1")), `${id}\n`);
      const bytes = await done(
        box.run("history", "--human", "false", "--format", "{{.Size}} {{.CreatedAt}}", "app:1"),
      );
      match(bytes, /^\d{5,} \d{4}-\d\d-\d\dT[\d:]{8}/);
      const asked =
        '{{.Id}} {{.RepoTags}} {{.Config.Env}} {{index .Config.Labels "tier"}} {{.Os}} {{len .RootFS.Layers}}';
      equal(await done(box.run("inspect", "-f", asked, "app:1")), `${id} [app:1] [A=b] web linux 1\n`);
      equal(
        await done(box.run("image", "inspect", "-f", asked, id.slice(7, 15))),
        `${id} [app:1] [A=b] web linux 1\n`,
      );
      // A container goes before an image of its name, and --type says which.
      await done(box.run("create", "--name", "app", "app:1", "true"));
      await done(box.run("tag", "app:1", "app"));
      equal(await done(box.run("inspect", "-f", "{{.Name}}", "app")), "/app\n");
      equal(await done(box.run("inspect", "-f", "{{.Id}}", "--type", "image", "app")), `${id}\n`);
      const none = await box.run("inspect", "nothing");
      deepEqual([none.code, none.stdout], [1, "[]\n"]);
      match(none.stderr, /no container and no image of that name/);
      await done(box.run("rm", "app"));
    },
  });

  Deno.test({
    ...requires(
      `save: prune takes what has no name, and with -a what no container needs, as ${user}`,
      ...needs,
      "tar",
    ),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app:1", "-m", "1");
      await importRoot(box, "app:1", "-m", "2", "-c", "LABEL keep=yes");
      await importRoot(box, "used", "-m", "3");
      await importRoot(box, "app:2", "-m", "4");
      equal((await done(box.run("images", "-q", "--filter", "dangling=true"))).split("\n").length, 2);
      await done(box.run("create", "--name", "user", "used", "true"));
      const refused = await box.run("image", "prune");
      equal(refused.code, 125);
      match(refused.stderr, /--force/);
      match(
        await done(box.run("image", "prune", "-f")),
        /^Deleted Images:\ndeleted: sha256:[0-9a-f]{64}\n\nTotal reclaimed space: \d/,
      );
      equal(await done(box.run("image", "prune", "-f")), "Total reclaimed space: 0B\n");
      match(await done(box.run("image", "prune", "-af", "--filter", "label!=keep")), /untagged: app:2\n/);
      const left = await done(box.run("images", "--format", "{{.Repository}}:{{.Tag}}"));
      deepEqual(left.trim().split("\n").sort(), ["app:1", "used:latest"]);
      equal(await done(box.run("run", "--rm", "used", "echo", "there")), "there\n");
      await done(box.run("rm", "user"));
      await done(box.run("image", "prune", "-af"));
      ok(storeFiles(box).length === 0, storeFiles(box).join(" "));
    },
  });
}
