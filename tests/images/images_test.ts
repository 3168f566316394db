/** Images from archives: imported, loaded, listed, run, named, removed; as root and as an ordinary user. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "../kernel/box.ts";
import { done, importRoot, storeFiles } from "./image_box.ts";
import { type MadeImage, makeOciArchive, makeRootArchive } from "./image_maker.ts";
import { sleep } from "../kernel/robust_harness.ts";

const LISTED = ["images", "--format", "{{.Repository}}:{{.Tag}}"] as const;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`images: what import sets is what a container starts with, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      const changes = [
        'CMD ["-c", "id -u; pwd; echo $A $PATH"]',
        'ENTRYPOINT ["/bin/sh"]',
        "ENV A=from the image",
        "USER app",
        "WORKDIR /srv/deep",
        "LABEL tier=web",
        "STOPSIGNAL SIGUSR1",
      ];
      const id = await importRoot(box, "app:1", ...changes.flatMap((change) => ["--change", change]));
      match(id, /^sha256:[0-9a-f]{64}\n$/);
      equal(
        await done(box.run("run", "--rm", "app:1")),
        "1000\n/srv/deep\nfrom the image /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
      );
      equal(
        await done(
          box.run("run", "--rm", "-e", "A=mine", "-w", "/", "-u", "0", "app:1", "-c", "id -u; pwd; echo $A"),
        ),
        "0\n/\nmine\n",
      );
      equal(await done(box.run("run", "--rm", "--entrypoint", "/bin/echo", "app:1", "typed")), "typed\n");
      await done(box.run("create", "--name", "made", "app:1"));
      const asked = "{{.Config.Image}} {{.Config.Labels.tier}} {{.Config.StopSignal}}";
      equal(await done(box.run("inspect", "-f", asked, "made")), "app:1 web SIGUSR1\n");
      equal(await done(box.run("run", "--rm", id.slice(7, 19), "-c", "echo by id")), "by id\n");
      await done(box.run("rm", "made"));
    },
  });

  Deno.test({
    ...requires(`images: the health check of an image is its containers', as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      const change = "HEALTHCHECK --interval=100ms --retries=2 --start-period=0s CMD echo said; test -e /ok";
      await importRoot(box, "checked", "--change", change, "--change", 'CMD ["sleep", "1000"]');
      await done(box.run("run", "-d", "--name", "a", "checked"));
      equal(await done(box.run("wait", "--condition", "unhealthy", "a")), "unhealthy\n");
      await done(box.run("exec", "a", "touch", "/ok"));
      equal(await done(box.run("wait", "--condition", "healthy", "a")), "healthy\n");
      const asked = "{{json .Config.Healthcheck.Test}} {{.Config.Healthcheck.Retries}}";
      equal(
        await done(box.run("inspect", "-f", asked, "a")),
        '["CMD-SHELL","echo said; test -e /ok"] 2\n',
      );
      equal(
        await done(box.run("image", "inspect", "-f", asked, "checked")),
        '["CMD-SHELL","echo said; test -e /ok"] 2\n',
      );
      await done(box.run("create", "--name", "b", "--health-retries", "5", "checked"));
      match(await done(box.run("inspect", "-f", asked, "b")), / 5\n$/);
      await done(box.run("create", "--name", "c", "--no-healthcheck", "checked"));
      equal(await done(box.run("inspect", "-f", "{{json .Config.Healthcheck}}", "c")), "null\n");
      await done(box.run("commit", "a", "kept"));
      equal(await done(box.run("image", "inspect", "-f", "{{.Config.Healthcheck.Retries}}", "kept")), "2\n");
      await done(box.run("rm", "-f", "a", "b", "c"));
    },
  });

  Deno.test({
    ...requires(`images: containers of one image share it and nothing else, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "shared");
      await done(
        box.run("run", "-d", "--name", "one", "shared", "sh", "-c", "echo one >/own; exec sleep 1000"),
      );
      await sleep(100);
      equal(
        await done(
          box.run("run", "--rm", "shared", "sh", "-c", "cat /own 2>/dev/null; rm /bin/true; echo $?"),
        ),
        "0\n",
      );
      equal(await done(box.run("exec", "one", "sh", "-c", "cat /own; ls /bin/true")), "one\n/bin/true\n");
      equal(
        await done(box.run("run", "--rm", "--rootfs-tmpfs", "shared", "sh", "-c", "echo x >/y; cat /y")),
        "x\n",
      );
      const readOnly = await box.run("run", "--rm", "--read-only", "shared", "touch", "/y");
      equal(readOnly.code, 1);
      const refused = await box.run("rmi", "shared");
      equal(refused.code, 1);
      match(refused.stderr, /container [0-9a-f]{12} is made of it\n {2}hint/);
      await done(box.run("rmi", "-f", "shared"));
      equal(await done(box.run("exec", "one", "cat", "/own")), "one\n");
      await done(box.run("rm", "-f", "one"));
      // Another image that goes takes what was kept for the container along.
      await importRoot(box, "other", "-m", "one more");
      await done(box.run("rmi", "other"));
      deepEqual(storeFiles(box), []);
    },
  });

  for (const compress of [undefined, "gzip", "zstd"] as const) {
    Deno.test({
      ...requires(
        `images: layers of ${compress ?? "plain tar"} lie over each other, as ${user}`,
        ...needs,
        "tar",
      ),
      async fn() {
        await using box = await openBox({ user });
        const image: MadeImage = {
          name: "localhost/layers:v1",
          ...(compress !== undefined && { compress }),
          config: { Cmd: ["sh", "-c", "cd /d; find . -type f | sort | xargs cat; ls / | tr '\\n' ' '"] },
          layers: [
            { directory: box.rootfs },
            { "d/a": "a1\n", "d/b": "b1\n", "d/sub/x": "x1\n", "gone": "g\n" },
            { "d/b": "b2\n", ".wh.gone": "", "d/sub/.wh..wh..opq": "", "d/sub/y": "y2\n" },
          ],
        };
        const archive = await makeOciArchive(`${box.directory}/a.tar`, image);
        equal(await done(box.run("load", "-i", archive)), "Loaded image: localhost/layers:v1\n");
        const seen = await done(box.run("run", "--rm", "localhost/layers:v1"));
        match(seen, /^a1\nb2\ny2\nbin d dev etc [a-z ]*$/);
        ok(!seen.includes("gone"));
        // The same once more is no second image.
        equal(await done(box.run("load", "-q", "-i", archive)), "localhost/layers:v1\n");
        equal(await done(box.run(...LISTED)), "localhost/layers:v1\n");
        await done(box.run("rmi", "localhost/layers:v1"));
        deepEqual(storeFiles(box), []);
      },
    });
  }

  Deno.test({
    ...requires(`images: one of 120 layers runs, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      const more = Array.from({ length: 119 }, (_, index) => ({ [`n/${index}`]: `${index}\n` }));
      const image = { name: "many:1", layers: [{ directory: box.rootfs }, ...more] };
      await done(box.run("load", "-i", await makeOciArchive(`${box.directory}/a.tar`, image)));
      equal(await done(box.run("run", "--rm", "many:1", "sh", "-c", "ls /n | wc -l")), "119\n");
      await done(box.run("rmi", "many:1"));
    },
  });

  Deno.test({
    ...requires(
      `images: an import that is killed leaves nothing that the next one does not sweep, as ${user}`,
      ...needs,
      "tar",
    ),
    async fn() {
      await using box = await openBox({ user });
      const archive = await makeRootArchive(`${box.directory}/root.tar`, box.rootfs);
      for (let afterMs = 20; afterMs <= 200; afterMs += 20) {
        const client = box.spawn(box.command("import", archive, "killed"));
        await sleep(afterMs);
        client.kill("SIGKILL");
        await client.ended;
        equal((await box.run("images")).code, 0);
      }
      await done(box.run("import", archive, "whole"));
      equal(await done(box.run("run", "--rm", "whole", "echo", "fine")), "fine\n");
      ok((await done(box.run(...LISTED))).includes("whole:latest\n"));
      // Those that came to their end took the name from each other.
      const ids = new Set((await done(box.run("images", "-q"))).trimEnd().split("\n"));
      await done(box.run("rmi", "-f", ...ids));
      deepEqual(storeFiles(box), []);
    },
  });
}

Deno.test({
  ...requires(
    "images: names are docker's, and an image is removed with its last one",
    "root",
    "busybox",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    const id = (await importRoot(box, "base")).trim();
    await done(box.run("tag", "base", "reg.io:5000/a/b:2"));
    await done(box.run("image", "tag", id, "me/c"));
    deepEqual((await done(box.run(...LISTED))).trimEnd().split("\n").sort(), [
      "base:latest",
      "me/c:latest",
      "reg.io:5000/a/b:2",
    ]);
    equal(await done(box.run("images", "-q", "--no-trunc", "me/c")), `${id}\n`);
    match((await box.run("rmi", id.slice(7, 20))).stderr, /it has 3 names/);
    equal(
      await done(box.run("rmi", "base", "docker.io/me/c:latest")),
      "Untagged: base:latest\nUntagged: me/c:latest\n",
    );
    match(
      await done(box.run("image", "rm", "reg.io:5000/a/b:2")),
      /^Untagged: .*\nDeleted: sha256:.*\nDeleted: sha256:.*\n$/,
    );
    deepEqual(storeFiles(box), []);
  },
});

Deno.test({
  ...requires(
    "images: skopeo reads the store, and what podman saved is read here",
    "root",
    "busybox",
    "tar",
    "skopeo",
  ),
  async fn() {
    await using box = await openBox();
    await importRoot(box, "localhost/out:1", "--change", 'CMD ["true"]');
    for (const kind of ["docker-archive", "oci-archive"]) {
      const path = `${box.directory}/${kind}.tar`;
      const target = `${kind}:${path}:localhost/back:${kind}`;
      const copied = await box.exec([
        "skopeo",
        "--insecure-policy",
        "copy",
        "-q",
        `oci:${box.state}:localhost/out:1`,
        target,
      ]);
      equal(copied.code, 0, copied.stderr);
      equal(await done(box.run("load", "-q", "-i", path)), `localhost/back:${kind}\n`);
      equal((await box.run("run", "--rm", `localhost/back:${kind}`)).code, 0);
    }
    await done(
      box.run("rmi", "localhost/out:1", "localhost/back:docker-archive", "localhost/back:oci-archive"),
    );
    deepEqual(storeFiles(box), []);
  },
});

const ZEROS = `sha256:${"0".repeat(64)}`;

/** Images that are not what they say. */
const BAD: readonly { readonly what: string; readonly image: Partial<MadeImage>; readonly why: RegExp }[] = [
  {
    what: "a wrong diff_id",
    image: {
      damage: (which, value) => which === "config" && Object.assign(value, { rootfs: { diff_ids: [ZEROS] } }),
    },
    why: /has the digest sha256:[0-9a-f]{64}, not/,
  },
  {
    what: "a diff_id that is a path",
    image: {
      damage: (which, value) =>
        which === "config" && Object.assign(value, { rootfs: { diff_ids: ["sha256:../../x"] } }),
    },
    why: /no digest/,
  },
  {
    what: "a digest with ..",
    image: {
      damage: (which, value) =>
        which === "manifest" &&
        Object.assign(value, { layers: [{ digest: "sha256:../../../etc/passwd", size: 1 }] }),
    },
    why: /no digest/,
  },
  {
    what: "a layer that is missing",
    image: {
      damage: (which, value) =>
        which === "manifest" && Object.assign(value, { layers: [{ digest: ZEROS, size: 1 }] }),
    },
    why: /missing/,
  },
  {
    what: "fewer diff_ids than layers",
    image: {
      damage: (which, value) => which === "config" && Object.assign(value, { rootfs: { diff_ids: [] } }),
    },
    why: /1 layers and 0 diff_ids/,
  },
  {
    what: "130 layers",
    image: {
      damage: (which, value) => {
        if (which === "manifest") value.layers = Array(130).fill((value.layers as unknown[])[0]);
      },
    },
    why: /more than 127 layers/,
  },
  {
    what: "a path that leads out",
    image: { layers: [{ "x": "1", ".wh..": "" }] },
    why: /deletes no name/,
  },
];

Deno.test({
  ...requires("images: what is damaged is refused, and leaves nothing", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    for (const { what, image, why } of BAD) {
      const archive = await makeOciArchive(`${box.directory}/a.tar`, {
        layers: [{ "f": "x" }],
        name: "bad:1",
        ...image,
      });
      const { code, stderr } = await box.run("load", "-i", archive);
      equal(code, 125, what);
      match(stderr, why, `${what}: ${stderr}`);
      match(stderr, /^myctr: Cannot .*\n {2}hint {2}/, what);
      equal(await done(box.run("images", "-q")), "", what);
      deepEqual(storeFiles(box), [], what);
    }
    const whole = await makeOciArchive(`${box.directory}/a.tar`, { layers: [{ "f": "x".repeat(100_000) }] });
    await Deno.truncate(whole, 50_000);
    match((await box.run("load", "-i", whole)).stderr, /middle of a file/);
    match((await box.run("import", whole, "Name")).stderr, /capitals/);
    match(
      (await box.run("run", "--pull=never", "nosuch")).stderr,
      /Cannot find image "nosuch": .*\n {2}hint {2}Get it with/,
    );
    match((await box.run("run", "hots")).stderr, /Did you mean "host"\?/);
    deepEqual(storeFiles(box), []);
  },
});
