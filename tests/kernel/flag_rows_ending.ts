/** Rows of the flags of `myctr run` that end a container from outside. */

import { equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { sleep } from "./robust_harness.ts";
import type { FlagRow } from "./flag_rows.ts";

/** A command that says which signal it got, and ends by itself after a while. */
const ANSWERS = `for name in TERM USR1; do trap "echo $name; exit 3" $name; done; sleep 8 & wait`;

export const ENDING_ROWS: readonly FlagRow[] = [
  {
    flag: "--restart",
    args: ["--restart", "on-failure:1"],
    command: "echo once more; exit 3",
    stdout: "once more\n",
    isKept: true,
    after: async (box, { code }) => {
      equal(code, 3);
      const [{ id } = { id: "" }] = box.containers();
      const logged = async () => (await box.run("logs", id)).stdout;
      while (await logged() !== "once more\nonce more\n") await sleep(20);
      equal((await box.run("rm", "-f", id)).code, 0);
    },
  },
  {
    flag: "--stop-signal",
    args: ["--stop-signal", "SIGUSR1", "--timeout", "1"],
    command: ANSWERS,
    stdout: "USR1\n",
    isKept: true,
    after: async (box) => {
      const [container] = box.containers();
      match(readIfThere(`${box.state}/containers/${container!.id}/state.json`), /"stopSignal":10[,}]/);
      await box.run("rm", container!.id);
    },
  },
  {
    // Nothing of the container's handles the signal, so that process 1 does not even get it.
    flag: "--stop-timeout",
    args: ["--stop-timeout", "1", "--timeout", "1", "--status-file", "WORK/status"],
    command: ["sleep", "60"],
    stdout: "",
    isKept: true,
    after: async (box, { code }) => {
      equal(code, 255);
      const { engine, exitCode, signal, timedOut } = JSON.parse(readIfThere(`${box.work}/status`));
      equal(JSON.stringify([engine, exitCode, signal, timedOut]), '["ok",255,"SIGKILL",true]');
      match((await box.run("list", "-a")).stdout, / Exited \(255\) /);
      const [container] = box.containers();
      match(readIfThere(`${box.state}/containers/${container!.id}/state.json`), /"stopTimeoutSeconds":1[,}]/);
      await box.run("rm", container!.id);
    },
  },
  {
    flag: "--timeout",
    args: ["--timeout", "1"],
    command: ANSWERS,
    stdout: "TERM\n",
    after: (_, { code }) => equal(code, 255),
  },
  {
    flag: "--timeout",
    args: ["--timeout", "60"],
    command: "echo in time; exit 3",
    stdout: "in time\n",
    after: (_, { code }) => equal(code, 3),
  },
  {
    flag: "--timeout",
    args: ["--timeout=0"],
    command: "exit 4",
    stdout: "",
    after: (_, { code }) => ok(code === 4),
  },
];
