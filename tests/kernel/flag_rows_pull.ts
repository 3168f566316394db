/** Rows of the flags of `myctr run` that say where an image comes from, and what of other containers is mounted. */

import { deepEqual, equal, match } from "node:assert/strict";
import { FakeRegistry } from "../images/fake_registry.ts";
import type { FlagRow } from "./flag_rows.ts";
import { makeLayer } from "../images/image_maker.ts";

export const PULL_ROWS: readonly FlagRow[] = [
  {
    flag: "--volume",
    args: ["-v", "/anonymous", "-v", "named:/named"],
    command: "touch /anonymous/x /named/x; ls /anonymous /named",
    stdout: "/anonymous:\nx\n\n/named:\nx\n",
    after: async (box) => {
      equal((await box.run("volume", "ls", "-q")).stdout, "named\n");
      await box.run("volume", "rm", "named");
    },
  },
  {
    flag: "--volumes-from",
    args: ["--volumes-from", "none"],
    command: "true",
    stdout: "",
    after: async (box, { code, stderr }) => {
      equal(code, 125);
      match(stderr, /Cannot find container "none"/);
      await box.run(
        "create",
        "--name",
        "one",
        "--rootfs",
        box.rootfs,
        "-v",
        `${box.work}:/w`,
        "-v",
        "/v",
        "true",
      );
      const look = "ls /w/note.txt; touch /w/x || echo read-only; test -d /v && echo there";
      const ran = await box.inside("--volumes-from", "one:ro", "sh", "-c", look);
      equal(ran.stdout, "/w/note.txt\nread-only\nthere\n");
      await box.run("rm", "-v", "one");
    },
  },
  {
    flag: "--platform",
    args: ["--platform", "linux/arm64"],
    command: "true",
    // A directory of this machine has no platform to choose from.
    stdout: "",
    after: async (box, { code, stderr }) => {
      equal(code, 125);
      match(stderr, /it is of this machine/);
      await using registry = new FakeRegistry();
      const layers = [await makeLayer({ directory: box.rootfs })];
      await registry.add({ repository: "app", tag: "1", layers, config: { Cmd: ["echo", "here"] } });
      const ask = (platform: string) =>
        box.run("run", "--rm", "-q", "--platform", platform, `${registry.host}/app:1`);
      const own = Deno.build.arch === "x86_64" ? "linux/amd64" : "linux/arm64";
      deepEqual(await ask(own).then((ran) => [ran.code, ran.stdout]), [0, "here\n"]);
      const other = await ask("linux/s390x");
      equal(other.code, 125);
      match(other.stderr, new RegExp(`it is for ${own}\n {2}hint {2}Leave out --platform`));
    },
  },
  {
    flag: "--pull",
    args: ["--pull", "never"],
    command: "echo ran",
    stdout: "ran\n",
    after: async (box) => {
      await using registry = new FakeRegistry();
      equal((await box.run("run", "--rm", "--pull", "never", `${registry.host}/app`)).code, 125);
      deepEqual(registry.lines, []);
      equal((await box.run("run", "--rm", "--pull", "missing", `${registry.host}/app`)).code, 125);
      equal(registry.count("GET /v2/app/manifests/latest"), 1);
    },
  },
  {
    flag: "--quiet",
    args: ["--quiet"],
    command: "echo ran",
    stdout: "ran\n",
    after: async (box) => {
      await using registry = new FakeRegistry();
      const layers = [await makeLayer({ directory: box.rootfs })];
      await registry.add({ repository: "app", tag: "1", layers });
      const { code, stderr } = await box.run("run", "--rm", "-q", `${registry.host}/app:1`, "true");
      deepEqual([code, stderr], [0, ""]);
    },
  },
];
