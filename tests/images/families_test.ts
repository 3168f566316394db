/** Alpine, Arch and Debian: imported in the shapes in which they are published, run, and entered as another user. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "../kernel/box.ts";
import { FamilyRoots } from "./family_roots.ts";
import { done } from "./image_box.ts";
import { withPodman } from "./podman_trees.ts";
import { RealRegistry } from "./real_registry.ts";

const NEEDS = ["tar", "mmdebstrap", "musl"] as const;

let made: Promise<FamilyRoots> | undefined;

/** They are made once for all tests of this file. */
function families(): Promise<FamilyRoots> {
  return made ??= FamilyRoots.make();
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`families: Alpine, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      const { alpine } = await families();
      await using box = await openBox({ user });
      await done(box.run("import", "-c", 'CMD ["/bin/sh"]', alpine, "alpine:3.20"));
      match(await done(box.run("run", "--rm", "alpine:3.20", "cat", "/etc/os-release")), /ID=alpine/);
      equal(await done(box.run("run", "--rm", "alpine:3.20", "hello")), "musl\n");
      await done(box.run("run", "-d", "--name", "a", "-i", "alpine:3.20", "sh", "-c", "exec sleep 1000"));
      equal(await done(box.run("exec", "-u", "guest", "a", "id", "-un")), "guest\n");
      equal(
        await done(box.run("exec", "-u", "405:100", "a", "sh", "-c", "stat -c %a /tmp; id -g")),
        "1777\n100\n",
      );
      await done(box.run("rm", "-f", "a"));
    },
  });

  Deno.test({
    ...requires(`families: Arch, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      const { arch, archRoot } = await families();
      await using box = await openBox({ user });
      if (user === "root") {
        const wrapped = await box.run("import", arch, "wrapped");
        equal(wrapped.code, 0);
        match(wrapped.stderr, /all of the archive lies in one directory, "root.x86_64"/);
      }
      const imported = await box.run("import", archRoot, "archlinux");
      equal(imported.code, 0, imported.stderr);
      match(await done(box.run("run", "--rm", "archlinux", "pacman", "--version")), /Pacman v/);
      equal(
        await done(box.run("run", "--rm", "archlinux", "sh", "-c", "readlink /bin /lib")),
        "usr/bin\nusr/lib\n",
      );
      await done(box.run("run", "-d", "--name", "a", "archlinux", "sleep", "1000"));
      equal(await done(box.run("exec", "-u", "daemon", "a", "id", "-un")), "daemon\n");
      await done(box.run("rm", "-f", "a"));
    },
  });

  Deno.test({
    ...requires(`families: Debian, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      const { debian } = await families();
      await using box = await openBox({ user });
      const imported = await box.run("import", "-c", 'CMD ["bash"]', debian, "debian:12");
      equal(imported.code, 0);
      // mmdebstrap puts eight devices into /dev, which an ordinary user can't make.
      match(imported.stderr, user === "root" ? /^$/ : /^myctr: note: 8 device files were left out/);
      match(await done(box.run("run", "--rm", "debian:12", "dpkg", "-l")), /^ii {2}dpkg /m);
      match(await done(box.run("run", "--rm", "debian:12", "cat", "/etc/os-release")), /ID=debian/);
      const checks = [
        "stat -c '%a %U %G' /usr/bin/su /usr/bin/chage /var/mail",
        "su -s /bin/sh games -c 'id -un'",
        "useradd -m someone && su - someone -c 'touch x && stat -c %U x'",
      ];
      equal(
        await done(box.run("run", "--rm", "debian:12", "sh", "-c", checks.join(" && "))),
        "4755 root root\n2755 root shadow\n2775 root mail\ngames\nsomeone\n",
      );
      await done(box.run("run", "-d", "--name", "d", "debian:12", "sleep", "1000"));
      const exec = await box.run("exec", "-u", "www-data", "d", "sh", "-c", "id -un; touch /x");
      deepEqual([exec.code, exec.stdout], [1, "www-data\n"]);
      await done(box.run("rm", "-f", "d"));
    },
  });
}

Deno.test({
  ...requires(
    "families: a Debian of ten thousand files, to a registry and back, as podman has it",
    "root",
    ...NEEDS,
    "attr",
    "podman",
    "skopeo",
    "docker_registry",
  ),
  async fn() {
    const { debian } = await families();
    await using box = await openBox();
    await using registry = await RealRegistry.start();
    const name = `${registry.host}/debian:12`;
    await done(box.run("import", "-c", 'CMD ["dpkg","--audit"]', debian, name));
    const [, digest] = /digest: (\S+)/.exec((await box.run("push", name)).stdout)!;
    await done(box.run("rmi", name));
    equal(await done(box.run("pull", "-q", name)), `${name}\n`);
    equal(await done(box.run("run", "--rm", name)), "");
    await withPodman(box, async (podman, list) => {
      equal((await podman("pull", "-q", "--tls-verify=false", name)).code, 0);
      const theirs = await list(`${box.work}/podman/vfs/dir`);
      ok(theirs.names.length >= 10_000, `${theirs.names.length} files`);
      deepEqual(await list(`${box.state}/layers`), theirs);
    });
    const write = "dpkg --version >/version && rm -rf /usr/share/terminfo && useradd -m someone";
    await done(box.run("run", "--name", "changed", name, "sh", "-ec", write));
    await done(box.run("commit", "changed", `${registry.host}/changed`));
    await done(box.run("rm", "changed"));
    await done(box.run("push", "-q", `${registry.host}/changed`));
    const read = "cat /version; test ! -e /usr/share/terminfo && stat -c %U /home/someone";
    const words = ["run", "--rm", "-q", "--pull=always", `${registry.host}/changed`, "sh", "-ec", read];
    match(await done(box.run(...words)), /^Debian .*dpkg.*\n(.*\n)*someone\n$/);
    const inspect = [
      "skopeo",
      "inspect",
      "--tls-verify=false",
      "--format",
      "{{.Digest}}",
      `docker://${name}`,
    ];
    equal(await done(box.exec(inspect)), `${digest}\n`);
  },
});

Deno.test({
  ...requires("families: what was made is removed", ...NEEDS),
  async fn() {
    await (await made)?.[Symbol.asyncDispose]();
  },
});
