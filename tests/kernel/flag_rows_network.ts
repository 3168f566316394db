/** Rows of the flags that publish ports: they need a network to be reached from, and a helper. */

import { equal, match } from "node:assert/strict";
import type { FlagRow } from "./flag_rows.ts";

const SERVE = "exec httpd -f -p 80 -h /etc";

/** Started in the background under the name `web`; `after` looks for it. */
export const NETWORK_ROWS: readonly FlagRow[] = [
  {
    flag: "--publish",
    args: ["-p", "18080:80"],
    command: SERVE,
    stdout: /^[0-9a-f]{64}\n$/,
    after: async (box) => {
      equal((await box.run("port", "web")).stdout, "80/tcp -> 127.0.0.1:18080\n");
      const page = ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:18080/group"];
      match((await box.exec(box.as(...page))).stdout, /^app:x:1000:$/m);
    },
  },
  {
    flag: "--publish-all",
    args: ["-P", "--expose", "80"],
    command: SERVE,
    stdout: /^[0-9a-f]{64}\n$/,
    after: async (box) => {
      const { stdout } = await box.run("port", "web", "80");
      match(stdout, /^127\.0\.0\.1:\d+\n$/);
      const page = ["busybox", "wget", "-q", "-O", "-", `http://${stdout.trim()}/group`];
      match((await box.exec(box.as(...page))).stdout, /^app:x:1000:$/m);
    },
  },
  {
    flag: "--expose",
    args: ["--expose", "7000-7001", "-P", "-p", "7002"],
    command: "exec sleep 100",
    stdout: /^[0-9a-f]{64}\n$/,
    after: async (box) => {
      const lines = (await box.run("port", "web")).stdout.split("\n");
      match(lines.join("|"), /^7002\/tcp -> [\d.:]+\|7000\/tcp -> [\d.:]+\|7001\/tcp -> [\d.:]+\|$/);
    },
  },
];
