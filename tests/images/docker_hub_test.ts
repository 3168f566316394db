/** The images that people type first, from docker.io: only where MYCTR_NETWORK says that there is a way to it. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "../kernel/box.ts";

const IMAGES = [
  { name: "alpine", release: /ID=alpine/ },
  { name: "ubuntu", release: /ID=ubuntu/ },
  { name: "archlinux", release: /ID=arch/ },
] as const;

for (const { user, needs } of USERS) {
  for (const { name, release } of IMAGES) {
    Deno.test({
      ...requires(`docker.io: run ${name}, as ${user}`, ...needs, "network"),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.run("run", "--rm", name, "cat", "/etc/os-release");
        equal(ran.code, 0, ran.stderr);
        match(ran.stdout, release);
      },
    });
  }
}
