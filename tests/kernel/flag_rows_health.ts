/** Rows of the flags of `myctr run` for health checks: what a container sees of them, and how they end it. */

import { equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import type { Box, Ran } from "./box.ts";
import type { FlagRow } from "./flag_rows.ts";

const DATA = ["-v", "WORK:/data"];
const SEES_CHECK = "while [ ! -e /data/checked ]; do sleep 0.02; done; rm /data/checked; echo checked";
const OFTEN = ["--health-interval", "100ms"];
const NOTED = "echo x >>/data/checks; exit 1";

/** How often the container was checked; says so once. */
async function takeChecks(box: Box): Promise<number> {
  const path = `${box.work}/checks`;
  const count = readIfThere(path).split("\n").length - 1;
  await Deno.remove(path);
  return count;
}

function wasKilled(_: Box, { code }: Ran): void {
  equal(code, 137);
}

export const HEALTH_ROWS: readonly FlagRow[] = [
  {
    flag: "--health-cmd",
    args: [...DATA, ...OFTEN, "--health-cmd", "echo $0 >/data/checked"],
    command: SEES_CHECK,
    stdout: "checked\n",
  },
  {
    flag: "--health-cmd",
    args: [...DATA, ...OFTEN, "--health-cmd", '["touch", "/data/checked"]'],
    command: SEES_CHECK,
    stdout: "checked\n",
  },
  {
    flag: "--health-interval",
    args: [...DATA, "--health-interval", "1s", "--health-cmd", "touch /data/checked"],
    command: "sleep 0.5; test -e /data/checked && echo early; " + SEES_CHECK,
    stdout: "checked\n",
  },
  {
    flag: "--health-on-failure",
    args: [...OFTEN, "--health-retries", "1", "--health-on-failure", "kill", "--health-cmd", "false"],
    command: "exec sleep 60",
    stdout: "",
    after: wasKilled,
  },
  {
    flag: "--health-on-failure",
    args: [...OFTEN, "--health-retries=1", "--health-on-failure=stop", "--health-cmd", "exit 3"],
    command: "trap 'echo asked; exit 4' TERM; while :; do sleep 0.02; done",
    stdout: "asked\n",
    after: (_, { code }) => equal(code, 4),
  },
  {
    flag: "--health-retries",
    args: [...DATA, ...OFTEN, "--health-retries", "4", "--health-on-failure", "kill", "--health-cmd", NOTED],
    command: "exec sleep 60",
    stdout: "",
    after: async (box, ran) => {
      wasKilled(box, ran);
      equal(await takeChecks(box), 4);
    },
  },
  {
    flag: "--health-start-interval",
    args: [
      ...DATA,
      ...["--health-interval", "1h", "--health-start-period", "1h", "--health-start-interval", "100ms"],
      ...["--health-cmd", "touch /data/checked"],
    ],
    command: SEES_CHECK,
    stdout: "checked\n",
  },
  {
    flag: "--health-start-period",
    args: [
      ...DATA,
      ...["--health-start-period", "2s", "--health-start-interval", "100ms", ...OFTEN],
      ...["--health-retries", "1", "--health-on-failure", "kill", "--health-cmd", NOTED],
    ],
    command: "exec sleep 60",
    stdout: "",
    after: async (box, ran) => {
      wasKilled(box, ran);
      const checks = await takeChecks(box);
      ok(checks > 2, `${checks}`);
    },
  },
  {
    flag: "--health-timeout",
    args: [
      ...["--health-timeout", "300ms", "--health-interval", "100ms", "--health-cmd", "sleep 50"],
      ...["--health-retries", "1", "--health-on-failure", "kill"],
    ],
    command: "exec sleep 60",
    stdout: "",
    after: wasKilled,
  },
  {
    flag: "--no-healthcheck",
    args: ["--no-healthcheck"],
    command: "echo none",
    stdout: "none\n",
    isKept: true,
    after: async (box) => {
      const [{ id } = { id: "" }] = box.containers();
      const shown = await box.run("inspect", "-f", "{{json .Config}} {{json .State}}", id);
      match(shown.stdout, /"Image"/);
      ok(!/health/i.test(shown.stdout.replaceAll("no-healthcheck", "")), shown.stdout);
      equal((await box.run("rm", id)).code, 0);
    },
  },
];
