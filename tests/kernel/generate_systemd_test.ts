/** `myctr generate systemd`: units that systemd takes; tests/vm has one that it starts. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`generate systemd: systemd-analyze finds no fault, as ${user}`, ...needs, "systemd_analyze"),
    async fn() {
      await using box = await openBox({ user });
      await box.run("create", "--name", "web", "--stop-timeout", "7", "--rootfs", box.rootfs, "true");
      const printed = await box.run("generate", "systemd", "web");
      deepEqual([printed.code, printed.stderr], [0, ""]);
      match(printed.stdout, /^ExecStop=.* stop --timeout 7 web$/m);
      const written = await box.run("generate", "systemd", "--files", "--after", "basic.target", "web");
      deepEqual([written.code, written.stdout], [0, `${box.work}/container-web.service\n`], written.stderr);
      const verified = await box.exec([
        "systemd-analyze",
        "verify",
        "--man=no",
        `${box.work}/container-web.service`,
      ]);
      // What it says of other units of this machine is no matter of ours.
      const ours = verified.stderr.split("\n").filter((line) => line.includes("container-web"));
      deepEqual([verified.code, ours], [0, []], verified.stderr);
      const again = await box.run("generate", "systemd", "-f", "web");
      equal(again.code, 125);
      match(again.stderr, /Cannot write ".*container-web.service": it is there already\n {2}hint {2}/);
      await box.run("rm", "web");
    },
  });
}

Deno.test({
  ...requires("generate systemd: what can't be is told", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await box.run("create", "--rm", "--name", "once", "--rootfs", box.rootfs, "true");
    await box.run("create", "--restart", "on-failure", "--name", "again", "--rootfs", box.rootfs, "true");
    const refused = [
      [["again"], /has a restart policy.*\n {2}hint {2}Write "myctr update --restart no again".* on-failure/],
      [["nosuch"], /Cannot find container "nosuch"/],
      [["once"], /it is removed when it ends\n {2}hint {2}Make it without --rm/],
      [["--restart-policy", "unless-stopped", "once"], /systemd has no such policy\n.*on-failure/],
      [["--restart-sec", "soon", "once"], /no number of seconds/],
      [["--after", "a b.service", "once"], /that is no name of one/],
    ] as const;
    for (const [words, why] of refused) {
      const { code, stdout, stderr } = await box.run("generate", "systemd", ...words);
      deepEqual([code, stdout], [125, ""]);
      match(stderr, why);
    }
    await box.run("rm", "once", "again");
  },
});
