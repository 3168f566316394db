/** Terminals: what one costs at the start, for each key, and for much output. script(1) is the user's own terminal. */

import { type Contender, PODMAN, PODMAN_LIMITS } from "./contenders.ts";
import type { Candidates } from "./lifecycle.ts";
import type { World } from "./world.ts";

const KEYS = 500;
const OUTPUT_ROUNDS = 7;
/** It ends by itself: what is killed leaves its container running. */
const ECHO = `stty raw -echo; echo ready; exec dd bs=1 count=${KEYS} 2>/dev/null`;

/** Gives a group for each. */
export function terminal({ myctr, rootfs, directory }: World): Candidates[] {
  for (const applet of ["stty", "tty"]) Deno.symlinkSync("busybox", `${rootfs}/bin/${applet}`);
  const line = `${"x".repeat(79)}\n`;
  Deno.writeTextFileSync(`${rootfs}/big`, line.repeat(100_000_000 / line.length));
  const run = `${myctr} run --rm`;
  const podman = [...PODMAN, "run", "--rm", ...PODMAN_LIMITS, "--network", "none"].join(" ");
  const root = `--rootfs ${rootfs}`;
  const at = (name: string, command: string): Contender => ({
    name,
    command: ["script", "-qec", command, "/dev/null"],
  });
  const typed = (name: string, command: readonly string[]): Contender => ({
    name,
    command: [Deno.execPath(), "run", "-A", import.meta.resolve("./echo_keys.ts"), String(KEYS), ...command],
  });
  const echo = ["sh", "-c", ECHO];
  return [
    {
      title: "Start at a terminal",
      candidates: [
        { ...at("myctr run -it", `${run} -it ${root} true`), isOurs: true },
        at("myctr run", `${run} ${root} true`),
        at("nothing but the terminal", "true"),
        at("podman run -it", `${podman} -it ${root} true`),
      ],
    },
    {
      title: `${KEYS} keys at a terminal, each when the one before was echoed`,
      mostRounds: OUTPUT_ROUNDS,
      candidates: [
        { ...typed("myctr run -it", [...`${run} -it ${root}`.split(" "), ...echo]), isOurs: true },
        typed("without it", echo),
        typed("podman run -it", [...`${podman} -it ${root}`.split(" "), ...echo]),
      ],
    },
    {
      title: "cat of 100 MB at a terminal",
      mostRounds: OUTPUT_ROUNDS,
      candidates: [
        { ...at("myctr run -it", `${run} -it ${root} cat /big`), isOurs: true },
        at("without it", `cat ${directory}/rootfs/big`),
        at("podman run -it", `${podman} -it ${root} cat /big`),
      ],
    },
  ];
}
