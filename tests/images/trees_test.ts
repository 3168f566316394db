/** What a layer is unpacked to, beside what podman makes of the same archive; and state roots with odd names. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "../kernel/box.ts";
import { done, importRoot } from "./image_box.ts";
import { withPodman } from "./podman_trees.ts";

/** One of each kind, with all that can be said of it. */
const ODD_TREE = `
mkdir -p tree/d/e tree/sticky "tree/$(printf 'n%.0s' $(seq 1 200))/$(printf 'm%.0s' $(seq 1 120))"
cd tree
echo content >d/e/file
ln d/e/file d/hard
ln -s ../nowhere d/link
ln -s "$(printf 'far/%.0s' $(seq 1 60))" d/long
mkfifo d/fifo
mknod d/null c 1 3
mknod d/disk b 7 0
truncate -s 3M d/sparse
echo end >>d/sparse
cp /bin/true d/suid
chown 5:6 d/suid
chmod 6755 d/suid
cp /bin/true d/capable
setcap cap_net_raw+ep d/capable
setfattr -n user.word -v value d/e/file
setfattr -n user.other -v 2 d/e
chown -h 7:8 d/link
chown 1000:65534 d/e
chmod 1777 sticky
chmod 0 d/hard
printf x >"d/$(printf 'new\\nline \\303\\251 \\377')"
printf y >"d/$(printf 'new\\nline \\303\\251 \\376')"
ln -s "$(printf '\\377/\\376')" "d/$(printf '\\357\\273\\277mark')"
touch -d '2100-01-02 03:04:05.5 UTC' d/suid
touch -h -d '2001-02-03 04:05:06.25 UTC' d/link
touch -d '2002-02-02 02:02:02.125 UTC' d/e/file d/e d sticky
tar --xattrs --xattrs-include='*' --numeric-owner --format=pax -cf ../odd.tar .
chmod 644 ../odd.tar
`;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `trees: what is unpacked is what podman unpacks, as ${user}`,
      ...needs,
      "tar",
      "attr",
      "capsh",
      "podman",
    ),
    async fn() {
      await using box = await openBox({ user });
      const made = await new Deno.Command("bash", { args: ["-ec", ODD_TREE], cwd: box.directory }).output();
      equal(made.code, 0, new TextDecoder().decode(made.stderr));
      const archive = `${box.directory}/odd.tar`;
      const imported = await box.run("import", archive, "odd");
      equal(imported.code, 0, imported.stderr);
      equal(imported.stderr.includes("2 device files were left out"), user === "ordinary");
      await withPodman(box, async (podman, list) => {
        equal((await podman("import", "-q", archive, "odd")).code, 0);
        const theirs = await list(`${box.work}/podman/vfs/dir`);
        const ours = await list(`${box.state}/layers`);
        equal(theirs.names.length, user === "root" ? 18 : 16);
        ok(
          theirs.attributes.includes('user.word="value"') &&
            theirs.attributes.includes("security.capability"),
        );
        deepEqual(ours, theirs);
      });
    },
  });

  Deno.test({
    ...requires(`trees: a state root with a long and odd name, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      const root = `${box.work}/a:b,c d\\e/${"long".repeat(15)}/${"name".repeat(15)}`;
      await Deno.mkdir(`${box.work}/a:b,c d\\e`);
      await box.give(`${box.work}/a:b,c d\\e`);
      ok(root.length > 150);
      const run = (...words: readonly string[]) => box.exec([...box.command().slice(0, -1), root, ...words]);
      await importRoot(box, "app");
      await done(box.run("save", "-o", `${box.work}/app.tar`, "app"));
      await done(run("load", "-q", "-i", `${box.work}/app.tar`));
      const write = "echo first >/file && echo second >/data/file";
      await done(run("run", "--name", "one", "-v", "data:/data", "app", "sh", "-c", write));
      match(await done(run("diff", "one")), /^A \/file$/m);
      await done(run("commit", "one", "two"));
      equal(
        await done(run("run", "--rm", "-v", "data:/data", "two", "cat", "/file", "/data/file")),
        "first\nsecond\n",
      );
      equal(await done(run("run", "--rm", "--rootfs-tmpfs", "two", "cat", "/file")), "first\n");
      await done(run("rm", "one"));
      await done(run("system", "reset", "-f"));
    },
  });
}
