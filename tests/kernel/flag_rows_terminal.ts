/** Rows of the flags of `myctr run` for who stays: at a terminal, and with signals. */

import { deepEqual, equal } from "node:assert/strict";
import type { Box } from "./box.ts";
import type { FlagRow } from "./flag_rows.ts";
import { Terminal } from "./terminal.ts";

/** The container runs on: looks at that, and removes it. */
async function removeRunning(box: Box): Promise<void> {
  equal((await box.run("list", "--format", "{{.Names}}")).stdout, "left\n");
  equal((await box.run("rm", "-f", "left")).code, 0);
}

export const TERMINAL_ROWS: readonly FlagRow[] = [
  {
    flag: "--tty",
    args: ["-t"],
    command: "tty; stat -c %a /dev/pts/0; echo $TERM",
    stdout: "/dev/pts/0\r\n620\r\nxterm\r\n",
    isReference: true,
  },
  {
    flag: "--detach-keys",
    args: ["--detach-keys", "ctrl-x,q"],
    command: "echo shown",
    stdout: "shown\n",
    after: async (box, { stderr }) => {
      equal(stderr, "");
      const words = [
        "run",
        "-it",
        "--detach-keys",
        "ctrl-x,q",
        "--name",
        "left",
        "--rootfs",
        box.rootfs,
        "sh",
      ];
      await using at = new Terminal(box, box.command(...words));
      await at.until("# ");
      await at.type("\x18q");
      await at.endsWith(0);
      await removeRunning(box);
    },
  },
  {
    flag: "--sig-proxy",
    args: ["--sig-proxy=false"],
    command: "echo shown",
    stdout: "shown\n",
    after: async (box) => {
      const script = "trap 'echo caught; exit 1' TERM; echo ready; while :; do sleep 0.1; done";
      const words = [
        "run",
        "--sig-proxy=false",
        "--name",
        "left",
        "--rootfs",
        box.rootfs,
        "sh",
        "-c",
        script,
      ];
      await using left = box.spawn(box.command(...words));
      await left.until("ready");
      left.kill("SIGTERM");
      // The container has the output still: there is an end of it when that ends too.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await removeRunning(box);
      const { signal, stdout } = await left.ended;
      deepEqual([signal, stdout], ["SIGTERM", "ready\n"]);
    },
  },
];
