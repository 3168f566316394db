/** Images brought into the registry that others use, and read back by them, digest for digest. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done, importRoot } from "./image_box.ts";
import { makeOciArchive } from "./image_maker.ts";
import { RealRegistry } from "./real_registry.ts";

const NEEDS = ["tar", "docker_registry", "skopeo"] as const;

interface Inspected {
  readonly Digest: string;
  readonly Layers: readonly string[];
}

async function skopeo(box: Box, ...args: readonly string[]): Promise<string> {
  return await done(box.exec(["skopeo", ...args]));
}

/** What skopeo sees in the registry; every blob of it can be read. */
async function readBack(box: Box, name: string): Promise<Inspected> {
  const inspected = JSON.parse(await skopeo(box, "inspect", "--tls-verify=false", `docker://${name}`));
  const copy = `dir:${await Deno.makeTempDir({ dir: box.work })}`;
  await skopeo(box, "copy", "-q", "--src-tls-verify=false", `docker://${name}`, copy);
  return inspected;
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`push: what was pushed is read by skopeo, and pulled again, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      await using box = await openBox({ user });
      await using registry = await RealRegistry.start();
      const name = `${registry.host}/deep/app:v1`;
      await importRoot(box, name, "--change", 'CMD ["echo","pushed"]');
      const [, digest] = /^v1: digest: (sha256:[0-9a-f]{64}) size: \d+\n$/.exec(
        (await box.run("push", name)).stdout,
      )!;
      equal((await readBack(box, name)).Digest, digest);
      const again = await box.run("push", name);
      match(again.stderr, /^The push refers to repository \[.*\]\n[0-9a-f]{12}: Layer already exists\n$/);
      await done(box.run("tag", name, `${registry.host}/other`));
      match((await box.run("push", `${registry.host}/other`)).stderr, /: Mounted from deep\/app\n$/);
      equal(await done(box.run("push", "-q", name)), `${name}\n`);
      await done(box.run("rmi", `${registry.host}/other`));
      await done(box.run("rmi", name));
      equal(await done(box.run("run", "--rm", "-q", `${registry.host}/other`)), "pushed\n");
    },
  });
}

Deno.test({
  ...requires("push: all tags of a repository, and none of another", "root", "busybox", ...NEEDS),
  async fn() {
    await using box = await openBox();
    await using registry = await RealRegistry.start();
    await importRoot(box, `${registry.host}/app:1`);
    await done(box.run("tag", `${registry.host}/app:1`, `${registry.host}/app:2`));
    await done(box.run("tag", `${registry.host}/app:1`, `${registry.host}/app2:3`));
    const { stdout } = await box.run("push", "--all-tags", `${registry.host}/app`);
    deepEqual(stdout.match(/^\S+: digest/gm), ["1: digest", "2: digest"]);
    const tags = JSON.parse(
      await skopeo(box, "list-tags", "--tls-verify=false", `docker://${registry.host}/app`),
    );
    deepEqual(tags.Tags.sort(), ["1", "2"]);
    await done(box.run("rmi", `${registry.host}/app:1`, `${registry.host}/app:2`));
    const pulled = await done(box.run("pull", "-q", "--all-tags", `${registry.host}/app`));
    deepEqual(pulled.split("\n").sort(), ["", `${registry.host}/app:1`, `${registry.host}/app:2`]);
    match(
      (await box.run("pull", "-a", `${registry.host}/app:1`)).stderr,
      /Cannot pull all tags: one is named/,
    );
    const both = await box.run("push", "-a", `${registry.host}/app:1`);
    match(both.stderr, /Cannot push all tags: one is named/);
    const none = await box.run("push", `${registry.host}/nothing`);
    deepEqual([none.code, none.stdout], [125, ""]);
  },
});

Deno.test({
  ...requires("push: layers as they came, also large ones, in pieces", "root", "busybox", ...NEEDS),
  async fn() {
    await using box = await openBox();
    await using registry = await RealRegistry.start();
    const root = box.makeRootfs("large");
    const random = new Uint8Array(65536);
    using file = await Deno.open(`${root}/random`, { write: true, create: true });
    for (let n = 0; n < 320; n++) file.writeSync(crypto.getRandomValues(random));
    const name = `${registry.host}/large:gz`;
    const archive = await makeOciArchive(`${box.directory}/a.tar`, {
      name,
      compress: "gzip",
      layers: [{ directory: root }, { "etc/more": "x\n" }],
      config: { Cmd: ["sh", "-c", "md5sum </random"] },
    });
    await done(box.run("load", "-i", archive));
    const [, digest] = /digest: (\S+)/.exec((await box.run("push", name)).stdout)!;
    equal((await readBack(box, name)).Digest, digest);
    // The same image by way of skopeo is the same, to the byte.
    const copied = `${registry.host}/copied:gz`;
    await skopeo(
      box,
      "copy",
      "-q",
      "--dest-tls-verify=false",
      `oci-archive:${archive}`,
      `docker://${copied}`,
    );
    equal((await readBack(box, copied)).Digest, digest);
    await done(box.run("rmi", name));
    const sum = await box.exec(["md5sum", `${root}/random`]);
    equal((await done(box.run("run", "--rm", "-q", copied))).slice(0, 32), sum.stdout.slice(0, 32));
  },
});

Deno.test({
  ...requires(
    "push: podman runs what was pushed, and myctr what podman pushed",
    "root",
    "busybox",
    "podman",
    ...NEEDS,
  ),
  async fn() {
    await using box = await openBox();
    await using registry = await RealRegistry.start();
    const name = `${registry.host}/app:1`;
    await importRoot(box, name, "--change", "ENV A=b");
    await box.run("push", "-q", name);
    const podman = [
      "podman",
      "--root",
      `${box.directory}/podman`,
      "--runroot",
      `${box.directory}/podman-run`,
    ];
    const stored = ["--storage-driver", "vfs", "--events-backend", "none"];
    const does = (...words: readonly string[]) => box.exec([...podman, ...stored, ...words]);
    const pulled = await does("pull", "-q", "--tls-verify=false", name);
    equal(pulled.code, 0, pulled.stderr);
    match((await does("image", "inspect", name)).stdout, /"A=b"/);
    equal((await does("tag", name, `${registry.host}/podmans`)).code, 0);
    const pushed = await does("push", "-q", "--tls-verify=false", `${registry.host}/podmans`);
    equal(pushed.code, 0, pushed.stderr);
    const ran = await box.run("run", "--rm", "-q", `${registry.host}/podmans`, "sh", "-c", "echo $A");
    deepEqual([ran.code, ran.stdout], [0, "b\n"]);
    ok(ran.stderr === "", ran.stderr);
  },
});

for (
  const { program, type } of [
    { program: "xz", type: "tar" },
    { program: "gzip", type: "tar+gzip" },
    { program: "zstd", type: "tar+zstd" },
  ]
) {
  Deno.test({
    ...requires(
      `push: a root that was packed by ${program} is a layer of type ${type}`,
      "root",
      "busybox",
      ...NEEDS,
    ),
    async fn() {
      await using box = await openBox();
      await using registry = await RealRegistry.start();
      const name = `${registry.host}/app:1`;
      const packed = `${box.directory}/root.tar`;
      await done(box.exec(["tar", "-C", box.rootfs, `--${program}`, "-cf", packed, "."]));
      await done(box.run("import", packed, name));
      await box.run("push", "-q", name);
      const raw = JSON.parse(await skopeo(box, "inspect", "--raw", "--tls-verify=false", `docker://${name}`));
      equal(raw.layers[0].mediaType, `application/vnd.oci.image.layer.v1.${type}`);
      await readBack(box, name);
      await done(box.run("rmi", name));
      equal(await done(box.run("run", "--rm", "-q", name, "echo", "ran")), "ran\n");
    },
  });
}
