/** Rows of the flags of `myctr run` that write files for scripts, and of --replace. */

import { deepEqual, equal, match } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import type { FlagRow } from "./flag_rows.ts";

export const FILE_ROWS: readonly FlagRow[] = [
  {
    flag: "--cidfile",
    args: ["--cidfile", "WORK/cid"],
    command: "hostname",
    stdout: /^[0-9a-f]{12}\n$/,
    isKept: true,
    after: async (box, { stdout }) => {
      const [container] = box.containers();
      equal(readIfThere(`${box.work}/cid`), container!.id);
      equal(stdout.trim(), container!.id.slice(0, 12));
      await box.run("rm", container!.id);
    },
  },
  {
    flag: "--pidfile",
    args: ["--pidfile", "WORK/pid", "-v", "WORK:/work"],
    command: "grep -c . /work/pid; awk '{ print $1 }' /proc/self/stat",
    // The file is there before the command is, and has another number than the container knows.
    stdout: /^1\n\d+\n$/,
    isKept: true,
    after: async (box) => {
      const [container] = box.containers();
      equal(readIfThere(`${box.work}/pid`), `${container!.pid}`);
      await box.run("rm", container!.id);
    },
  },
  {
    flag: "--replace",
    args: ["--replace", "--name", "web"],
    command: "true",
    stdout: "",
    isKept: true,
    after: async (box) => {
      const [first] = box.containers();
      const again = ["run", "--replace", "--name", "web", "--rootfs", box.rootfs, "true"];
      equal((await box.run(...again)).code, 0);
      const [second, ...more] = box.containers();
      deepEqual(more, []);
      equal(second!.name, "web");
      equal(second!.id === first!.id, false);
      match((await box.run("rm", "web")).stdout, /^web\n$/);
    },
  },
  {
    flag: "--status-file",
    args: ["--status-file", "WORK/status"],
    command: "exit 125",
    stdout: "",
    after: (box) =>
      deepEqual(JSON.parse(readIfThere(`${box.work}/status`)), {
        engine: "ok",
        exitCode: 125,
        signal: null,
        timedOut: false,
        error: null,
      }),
  },
];
