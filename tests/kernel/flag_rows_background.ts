/** Rows of the flags of `myctr run` that say what happens to a container's output, with and without a caller. */

import { deepEqual, equal, ok } from "node:assert/strict";
import type { Box } from "./box.ts";
import type { FlagRow } from "./flag_rows.ts";

/** The log files of the box's one container, with their sizes. */
function logFiles(box: Box): Record<string, number> {
  const [container] = box.containers();
  const directory = `${box.state}/containers/${container!.id}/logs`;
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [name, Deno.statSync(`${directory}/${name}`).size]));
}

async function remove(box: Box): Promise<void> {
  const [container] = box.containers();
  equal((await box.run("rm", container!.id)).code, 0);
}

export const BACKGROUND_ROWS: readonly FlagRow[] = [
  {
    flag: "--attach",
    args: ["-a", "stderr"],
    command: "echo out; echo err >&2",
    stdout: "",
    isKept: true,
    after: async (box, { stderr }) => {
      equal(stderr, "err\n");
      const [container] = box.containers();
      const { stdout, stderr: logged } = await box.run("logs", container!.id);
      deepEqual([stdout, logged], ["out\n", "err\n"]);
      await remove(box);
    },
  },
  {
    flag: "--attach",
    args: ["-i", "-a", "stdin", "-v", "WORK:/data"],
    stdin: "typed\n",
    command: "cat >/data/typed; echo hidden",
    stdout: /^[0-9a-f]{64}\n$/,
    isKept: true,
    after: async (box, { stdout }) => {
      equal(await Deno.readTextFile(`${box.work}/typed`), "typed\n");
      equal((await box.run("logs", stdout.trim())).stdout, "hidden\n");
      await remove(box);
    },
  },
  {
    flag: "--detach",
    args: ["-d"],
    command: "echo hidden; sleep 8",
    stdout: /^[0-9a-f]{64}\n$/,
    isKept: true,
    after: async (box, { stdout }) => {
      equal((await box.run("list", "-q", "--no-trunc")).stdout, stdout);
      equal((await box.run("rm", "-f", stdout.trim())).code, 0);
    },
  },
  {
    flag: "--log-driver",
    args: ["--log-driver", "none"],
    command: "echo shown",
    stdout: "shown\n",
    isKept: true,
    after: async (box) => {
      deepEqual(logFiles(box), {});
      await remove(box);
    },
  },
  {
    flag: "--log-driver",
    args: ["--log-driver", "json-file"],
    command: "echo kept",
    stdout: "kept\n",
    isKept: true,
    after: async (box) => {
      const { stdout = 0 } = logFiles(box);
      // A head of 16 bytes, one of 32 for the frame, and the line.
      equal(stdout, 16 + 32 + 5);
      await remove(box);
    },
  },
  {
    flag: "--log-opt",
    args: ["--log-opt", "max-size=100k", "--log-opt", "max-file=3"],
    command:
      "dd if=/dev/zero bs=1k count=1000 2>/dev/null | tr '\\000' x | wc -c; dd if=/dev/zero bs=1k count=1000 2>/dev/null",
    stdout: /^1024000\n\0{1024000}$/,
    isKept: true,
    after: async (box) => {
      const files = logFiles(box);
      deepEqual(Object.keys(files).filter((name) => name.startsWith("stdout")), [
        "stdout",
        "stdout.1",
        "stdout.2",
      ]);
      // A frame is written whole: a file may be longer by one, and no read takes more than 64 KiB.
      ok(Object.values(files).every((size) => size < 100 * 1024 + 64 * 1024 + 32), JSON.stringify(files));
      await remove(box);
    },
  },
];
