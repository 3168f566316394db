/** One row or more for each flag of `myctr run`: what is typed, and what is seen inside the container. */

import { equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import type { Box, BoxUser, Ran } from "./box.ts";
import { CONFINEMENT_ROWS } from "./flag_rows_confinement.ts";
import { BACKGROUND_ROWS } from "./flag_rows_background.ts";
import { ENDING_ROWS } from "./flag_rows_ending.ts";
import { FILE_ROWS } from "./flag_rows_files.ts";
import { HEALTH_ROWS } from "./flag_rows_health.ts";
import { NAME_ROWS } from "./flag_rows_names.ts";
import { PULL_ROWS } from "./flag_rows_pull.ts";
import { TERMINAL_ROWS } from "./flag_rows_terminal.ts";

/** A flag and its effect. In words, WORK is the box's directory of files, ROOT its root file system. */
export interface FlagRow {
  /** As `--help` writes it, the long form. */
  readonly flag: string;
  /** Between `run` and the root. */
  readonly args: readonly string[];
  /** The command, for `sh -c`, or as words. */
  readonly command: string | readonly string[];
  readonly stdin?: string;
  /** What is printed; exactly, where it is a text. */
  readonly stdout: string | RegExp | ((user: BoxUser) => string);
  /** Podman takes the same flags and prints the same. */
  readonly isReference?: true;
  /** The root as `--rootfs` gets it. @default "ROOT" */
  readonly root?: string;
  /** Whether `--rm` is left out. */
  readonly isKept?: true;
  /** Who can use it. @default both */
  readonly user?: BoxUser;
  /** What is seen from outside afterwards. */
  readonly after?: (box: Box, ran: Ran) => void | Promise<void>;
}

/** Files that stand in WORK. */
export const WORK_FILES = {
  "labels": "# comment\na=from the file\nb=1\nno-value\n",
  "note.txt": "a note\n",
  "vars.env": "# comment\nFROM_FILE=1\nQUOTED='kept'\nCALLER\n",
} as const;

/** The environment that myctr is started with, besides what it needs. */
export const CALLER_ENV = { CALLER: "the caller's", HIDDEN: "not passed on" } as const;

const EFFECTIVE = "grep CapEff /proc/self/status | cut -f2";
const hostNetwork = () => `${Deno.readLinkSync("/proc/self/ns/net")}\n`;

const WHAT_RUNS: readonly FlagRow[] = [
  {
    flag: "--entrypoint",
    args: ["--entrypoint", "/bin/echo"],
    command: ["a", "b"],
    stdout: "a b\n",
    isReference: true,
  },
  {
    flag: "--init",
    args: ["--init"],
    // The orphan ends while the command lives, and nobody but process 1 can collect it.
    command:
      "cat /proc/1/comm; echo $$; (sleep 0.1 &); sleep 0.3; grep -l '(zombie)' /proc/[0-9]*/status; exit 0",
    stdout: "init\n2\n",
  },
  {
    flag: "--env",
    args: ["-e", "A=1 2", "-e", "EMPTY=", "--env=CALLER", "-e", "NOT_SET"],
    command: 'echo "$A|${EMPTY-unset}|$CALLER|${NOT_SET-unset}|${HIDDEN-unset}"',
    stdout: "1 2||the caller's|unset|unset\n",
    isReference: true,
  },
  {
    flag: "--env-file",
    args: ["--env-file", "WORK/vars.env", "-e", "FROM_FILE=2"],
    command: 'echo "$FROM_FILE|$QUOTED|$CALLER"',
    stdout: "2|'kept'|the caller's\n",
    isReference: true,
  },
  {
    flag: "--hostname",
    args: ["-h", "box"],
    command: 'hostname; xargs echo < /etc/hostname; echo "$HOSTNAME"; grep -c box /etc/hosts',
    stdout: "box\nbox\nbox\n1\n",
    isReference: true,
  },
  { flag: "--interactive", args: ["-i"], command: "cat", stdin: "in\n", stdout: "in\n", isReference: true },
  { flag: "--interactive", args: [], command: "cat", stdin: "in\n", stdout: "", isReference: true },
  {
    flag: "--user",
    args: ["-u", "app"],
    command: 'id; echo "$HOME"',
    stdout: "uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)\n/home/app\n",
    isReference: true,
  },
  {
    flag: "--user",
    args: ["--user", "1000:extra"],
    command: "id -u; id -g; id -G",
    stdout: "1000\n2000\n2000\n",
    isReference: true,
  },
  {
    flag: "--user",
    args: ["-u", "4321"],
    command: 'id -u; id -g; echo "$HOME"',
    stdout: "4321\n0\n/\n",
    isReference: true,
  },
  { flag: "--workdir", args: ["-w", "/home/app"], command: "pwd", stdout: "/home/app\n", isReference: true },
];

const RIGHTS: readonly FlagRow[] = [
  {
    flag: "--cap-add",
    args: ["--cap-add", "net_admin"],
    command: EFFECTIVE,
    stdout: "00000000800415fb\n",
    isReference: true,
  },
  {
    flag: "--cap-add",
    args: ["--cap-add", "CAP_NET_ADMIN", "-u", "app"],
    command: EFFECTIVE,
    stdout: "0000000000001000\n",
    isReference: true,
  },
  {
    flag: "--cap-drop",
    args: ["--cap-drop", "CHOWN"],
    command: EFFECTIVE,
    stdout: "00000000800405fa\n",
    isReference: true,
  },
  {
    flag: "--cap-drop",
    args: ["--cap-drop", "ALL", "--cap-add", "KILL"],
    command: EFFECTIVE,
    stdout: "0000000000000020\n",
    isReference: true,
  },
  {
    flag: "--privileged",
    args: ["--privileged"],
    command: `${EFFECTIVE}; grep -c ' /proc/' /proc/mounts; grep -c ' /sys/firmware ' /proc/mounts`,
    stdout: (user) => `${allCapabilities(user)}\n0\n0\n`,
    isReference: true,
  },
  {
    flag: "--userns",
    args: ["--userns", "host"],
    command: "xargs < /proc/self/uid_map",
    stdout: "0 0 4294967295\n",
    isReference: true,
    user: "root",
  },
  {
    flag: "--userns",
    args: ["--userns=private"],
    command: "[ $(wc -w < /proc/self/uid_map) -gt 3 ] || cut -c11- /proc/self/uid_map | xargs",
    stdout: /^$|^[1-9]\d* 65536\n$/,
  },
];

const FILES: readonly FlagRow[] = [
  {
    flag: "--mount",
    args: ["--mount", "type=bind,source=WORK/note.txt,target=/note,readonly"],
    command: "cat /note; echo x >> /note",
    stdout: "a note\n",
    isReference: true,
  },
  {
    flag: "--mount",
    args: ["--mount", "type=tmpfs,destination=/mem,tmpfs-size=64k,tmpfs-mode=0750"],
    command: "stat -f -c %T /mem; stat -c %a /mem; df -k /mem | awk 'END { print $2 }'",
    stdout: "tmpfs\n750\n64\n",
    isReference: true,
  },
  {
    flag: "--read-only",
    args: ["--read-only"],
    command: "touch /new 2>&1; touch /dev/shm/new && echo shm",
    stdout: "touch: /new: Read-only file system\nshm\n",
    isReference: true,
  },
  {
    flag: "--rootfs",
    args: [],
    command: "touch /made-inside && ls /made-inside",
    stdout: "/made-inside\n",
    isReference: true,
    after: (box) => ok(isThere(`${box.rootfs}/made-inside`)),
  },
  {
    flag: "--rootfs",
    args: [],
    root: "ROOT:O",
    command: "touch /made-inside && rm /etc/group && ls /made-inside",
    stdout: "/made-inside\n",
    isReference: true,
    after: (box) => {
      equal(isThere(`${box.rootfs}/made-inside`), false);
      ok(isThere(`${box.rootfs}/etc/group`));
    },
  },
  {
    flag: "--rootfs-tmpfs",
    args: ["--rootfs-tmpfs"],
    root: "ROOT:O",
    command: "touch /made-inside && ls /made-inside; grep -c ' / overlay .*upperdir=upper,' /proc/mounts",
    stdout: "/made-inside\n1\n",
    after: (box) => equal(isThere(`${box.rootfs}/made-inside`), false),
  },
  {
    flag: "--tmpfs",
    args: ["--tmpfs", "/mem:size=64k,mode=700"],
    command: "stat -f -c %T /mem; stat -c %a /mem; df -k /mem | awk 'END { print $2 }'",
    stdout: "tmpfs\n700\n64\n",
    isReference: true,
  },
  {
    // Docker's default; podman 4.3 allows programs there.
    flag: "--tmpfs",
    args: ["--tmpfs", "/mem"],
    command: "grep -c ' /mem tmpfs rw,nosuid,nodev,noexec,' /proc/mounts",
    stdout: "1\n",
  },
  {
    flag: "--volume",
    args: ["-v", "WORK:/data"],
    command: "cat /data/note.txt; echo more > /data/made",
    stdout: "a note\n",
    isReference: true,
    after: (box) => equal(readIfThere(`${box.work}/made`), "more\n"),
  },
  {
    flag: "--volume",
    args: ["--volume", "WORK:/data:ro"],
    command: "touch /data/x 2>&1",
    stdout: "touch: /data/x: Read-only file system\n",
    isReference: true,
  },
];

const THE_REST: readonly FlagRow[] = [
  {
    flag: "--dry-run",
    args: ["--dry-run"],
    command: "echo ran > /tmp/ran",
    stdout: /create the namespaces[^]*clone3\([^]*execve\(/,
    after: (box) => equal(isThere(`${box.rootfs}/tmp/ran`), false),
  },
  {
    flag: "--explain",
    args: ["--explain"],
    command: "echo ran",
    stdout: "ran\n",
    after: (_, { stderr }) => match(stderr, /create the namespaces[^]*execve\(/),
  },
  { flag: "--help", args: ["--help"], command: "echo ran", stdout: /^Usage: myctr run \[options\] <image>/ },
  {
    flag: "--label",
    args: ["-l", "a=1", "--label", "b"],
    command: "true",
    stdout: "",
    isKept: true,
    after: async (box) => {
      const [container] = box.containers();
      const state = readIfThere(`${box.state}/containers/${container!.id}/state.json`);
      match(state, /"labels":\{"a":"1","b":""\}/);
      await box.run("rm", container!.id);
    },
  },
  {
    flag: "--name",
    args: ["--name", "web"],
    command: "true",
    stdout: "",
    isKept: true,
    after: async (box) => {
      match((await box.run("list", "-a")).stdout, / web\n$/);
      equal((await box.run("rm", "web")).stdout, "web\n");
    },
  },
  {
    flag: "--network",
    args: ["--network", "none"],
    command:
      "ls /sys/class/net; ip -o addr show lo | grep -o 'inet 127.0.0.1/8'; nc -lp 7 & sleep 0.1; nc 127.0.0.1 7 < /dev/null && echo reached",
    stdout: "lo\ninet 127.0.0.1/8\nreached\n",
    isReference: true,
  },
  {
    flag: "--network",
    args: ["--net", "host"],
    command: "readlink /proc/self/ns/net",
    stdout: hostNetwork,
    isReference: true,
  },
  { flag: "--rm", args: [], command: "true", stdout: "", after: (box) => equal(box.containers().length, 0) },
];

/** All rows. */
export const FLAG_ROWS: readonly FlagRow[] = [
  ...WHAT_RUNS,
  ...RIGHTS,
  ...FILES,
  ...THE_REST,
  ...CONFINEMENT_ROWS,
  ...NAME_ROWS,
  ...FILE_ROWS,
  ...HEALTH_ROWS,
  ...BACKGROUND_ROWS,
  ...ENDING_ROWS,
  ...PULL_ROWS,
  ...TERMINAL_ROWS,
];

/** Without a user namespace no more than the caller's own. */
function allCapabilities(user: BoxUser): string {
  if (user === "root") return /CapBnd:\s*(\w+)/.exec(readIfThere("/proc/self/status"))![1]!;
  const count = Number(readIfThere("/proc/sys/kernel/cap_last_cap")) + 1;
  return (2n ** BigInt(count) - 1n).toString(16).padStart(16, "0");
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
