/** Images that others have put into the registry that others use: pulled, run, committed, pushed, read back. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { done } from "./image_box.ts";
import { type MadeImage, makeOciArchive } from "./image_maker.ts";
import { RealRegistry } from "./real_registry.ts";

const NEEDS = ["tar", "docker_registry", "skopeo"] as const;

/** Has skopeo make an image and bring it into the registry; gives its digest there. */
async function bring(box: Box, name: string, image: MadeImage): Promise<string> {
  const archive = await makeOciArchive(`${box.directory}/image.tar`, image);
  const target = [`oci-archive:${archive}`, `docker://${name}`];
  await done(box.exec(["skopeo", "copy", "-q", "--dest-tls-verify=false", ...target]));
  return (await inspect(box, name)).Digest;
}

async function inspect(
  box: Box,
  name: string,
): Promise<{ readonly Digest: string; readonly Layers: readonly string[] }> {
  return JSON.parse(await done(box.exec(["skopeo", "inspect", "--tls-verify=false", `docker://${name}`])));
}

for (const { user, needs } of USERS) {
  for (const count of [40, 120]) {
    Deno.test({
      ...requires(
        `real registry: an image of ${count} layers there and back, as ${user}`,
        ...needs,
        ...NEEDS,
      ),
      async fn() {
        await using box = await openBox({ user });
        await using registry = await RealRegistry.start();
        const name = `${registry.host}/deep/image:1`;
        const more = Array.from(
          { length: count - 1 },
          (_, n) => ({ [`n/${n}`]: `${n}\n`, "last": `${n}\n` }),
        );
        const digest = await bring(box, name, {
          layers: [{ directory: box.rootfs }, ...more],
          compress: "zstd",
          config: { Cmd: ["sh", "-c", "ls /n | wc -l; cat /last"] },
        });
        equal(await done(box.run("pull", "-q", name)), `${name}\n`);
        equal(await done(box.run("run", "--rm", name)), `${count - 1}\n${count - 2}\n`);
        equal(await done(box.run("image", "inspect", "-f", "{{len .RootFS.Layers}}", name)), `${count}\n`);
        match((await box.run("push", name)).stdout, new RegExp(`^1: digest: ${digest} size: \\d+\n$`));
        await done(box.run("run", "--name", "changed", name, "sh", "-c", "rm -r /n && echo changed >/last"));
        await done(box.run("commit", "changed", `${registry.host}/deep/changed:1`));
        await done(box.run("rm", "changed"));
        await done(box.run("push", "-q", `${registry.host}/deep/changed:1`));
        await done(box.run("image", "prune", "-af"));
        const read = [
          "run",
          "--rm",
          "-q",
          `${registry.host}/deep/changed:1`,
          "sh",
          "-c",
          "cat /last; ls / | grep -c ^n$",
        ];
        const ran = await box.run(...read);
        deepEqual([ran.stdout, ran.stderr], ["changed\n0\n", ""]);
        const before = await inspect(box, name);
        const after = await inspect(box, `${registry.host}/deep/changed:1`);
        deepEqual([before.Digest, before.Layers.length, after.Layers.length], [digest, count, count + 1]);
        deepEqual(after.Layers.slice(0, -1), before.Layers);
      },
    });
  }
}

Deno.test({
  ...requires("real registry: a list for several machines gives each its own", "root", "busybox", ...NEEDS),
  async fn() {
    await using box = await openBox();
    await using registry = await RealRegistry.start();
    const url = `http://${registry.host}/v2/app/manifests`;
    const manifests = [];
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    for (const architecture of ["amd64", "arm64"]) {
      const digest = await bring(box, `${registry.host}/app:${architecture}`, {
        layers: [{ directory: box.rootfs }],
        config: { Cmd: ["echo", architecture] },
        damage: (document, value) => document === "config" && Object.assign(value, { architecture }),
      });
      const size =
        (await (await fetch(`${url}/${digest}`, { headers: { accept: mediaType } })).bytes()).length;
      manifests.push({ mediaType, digest, size, platform: { os: "linux", architecture } });
    }
    const type = "application/vnd.oci.image.index.v1+json";
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests });
    const put = await fetch(`${url}/1`, { method: "PUT", headers: { "content-type": type }, body });
    equal(put.status, 201, await put.text());
    const name = `${registry.host}/app:1`;
    const own = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
    equal(await done(box.run("run", "--rm", "-q", name)), `${own}\n`);
    for (const architecture of ["arm64", "amd64"]) {
      const ran = await box.run(
        "run",
        "--rm",
        "-q",
        "--pull=always",
        "--platform",
        `linux/${architecture}`,
        name,
      );
      deepEqual([ran.code, ran.stdout], [0, `${architecture}\n`], ran.stderr);
    }
    const none = await box.run("pull", "--platform", "linux/s390x", name);
    match(none.stderr, /there is nothing for linux\/s390x\n.*linux\/amd64, linux\/arm64/);
  },
});
