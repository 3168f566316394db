/** Rows for the flags that confine a container, or set its limits and settings. */

import { equal } from "node:assert/strict";
import type { FlagRow } from "./flag_rows.ts";

const NO_NEW_PRIVILEGES = "grep NoNewPrivs /proc/self/status | cut -f2";

const SECURITY_OPTIONS: readonly FlagRow[] = [
  {
    flag: "--security-opt",
    args: ["--security-opt", "no-new-privileges"],
    command: NO_NEW_PRIVILEGES,
    stdout: "1\n",
    isReference: true,
  },
  {
    flag: "--security-opt",
    args: ["--security-opt", "no-new-privileges=false", "--security-opt=label=disable"],
    command: NO_NEW_PRIVILEGES,
    stdout: "0\n",
  },
  {
    flag: "--security-opt",
    args: ["--security-opt", "mask=/etc/passwd:/home"],
    command: "cat /etc/passwd; ls /home; grep -c ' /home tmpfs ro,' /proc/mounts",
    stdout: "1\n",
    isReference: true,
  },
  {
    flag: "--security-opt",
    args: ["--security-opt", "unmask=/proc/interrupts"],
    command: "head -n 1 /proc/interrupts | grep -o CPU0; grep -c ' /proc/sys ' /proc/mounts",
    stdout: "CPU0\n1\n",
    isReference: true,
  },
  {
    flag: "--security-opt",
    args: ["--security-opt", "systempaths=unconfined"],
    command: "grep -c ' /proc/' /proc/mounts",
    stdout: "0\n",
  },
  {
    flag: "--security-opt",
    args: ["--security-opt", "apparmor=unconfined", "--security-opt", "seccomp=unconfined"],
    command: "grep ^Seccomp: /proc/self/status | cut -f2",
    stdout: "0\n",
    isReference: true,
  },
];

const SETTINGS: readonly FlagRow[] = [
  {
    flag: "--device",
    args: ["--device", "/dev/zero:/dev/nought", "--device=/dev/full:/full"],
    command: "stat -c '%F %t,%T' /dev/nought /full; head -c 2 /dev/nought | wc -c",
    stdout: "character special file 1,5\ncharacter special file 1,7\n2\n",
  },
  {
    flag: "--device",
    args: ["--userns=host", "--device", "/dev/zero:/dev/sub/nought:rwm"],
    command: "stat -c '%F %t,%T %a' /dev/sub/nought; grep -c nought /proc/mounts",
    stdout: "character special file 1,5 666\n0\n",
    user: "root",
  },
  {
    flag: "--group-add",
    args: ["--group-add", "extra", "--group-add", "5"],
    command: "id -G",
    stdout: "0 5 2000\n",
    isReference: true,
  },
  {
    flag: "--group-add",
    args: ["--group-add", "5", "-u", "app:app"],
    command: "id -G",
    stdout: "1000 5\n",
    isReference: true,
  },
  {
    flag: "--oom-score-adj",
    args: ["--oom-score-adj", "345"],
    command: "cat /proc/self/oom_score_adj",
    stdout: "345\n",
    isReference: true,
  },
  {
    flag: "--shm-size",
    args: ["--shm-size", "1m"],
    command: "df -k /dev/shm | awk 'END { print $2 }'",
    stdout: "1024\n",
    isReference: true,
  },
  {
    flag: "--sysctl",
    args: ["--sysctl", "net.ipv4.ip_forward=1", "--sysctl=kernel.shmmax=123456"],
    command:
      "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax; echo 0 2>&1 > /proc/sys/net/ipv4/ip_forward",
    stdout: "1\n123456\nsh: can't create /proc/sys/net/ipv4/ip_forward: Read-only file system\n",
    isReference: true,
  },
  {
    flag: "--ulimit",
    args: ["--ulimit", "nofile=50:60", "--ulimit=core=0"],
    command: "ulimit -Sn; ulimit -Hn; ulimit -c",
    stdout: "50\n60\n0\n",
    isReference: true,
  },
  {
    // So few that the start itself has more open.
    flag: "--ulimit",
    args: ["--ulimit", "nofile=4"],
    command: ["sh", "-c", "ulimit -n"],
    stdout: "4\n",
  },
  {
    flag: "--umask",
    args: ["--umask", "0077"],
    command: "umask; touch /tmp/f; stat -c %a /tmp/f",
    stdout: "0077\n600\n",
    isReference: true,
  },
];

const ownNamespace = (kind: string) => Deno.readLinkSync(`/proc/self/ns/${kind}`);

const SHARED: readonly FlagRow[] = [
  {
    flag: "--ipc",
    args: ["--ipc", "host"],
    command: "readlink /proc/self/ns/ipc; cut -d ' ' -f 1,2 /proc/mounts | grep '/dev/shm$'",
    stdout: () => `${ownNamespace("ipc")}\ntmpfs /dev/shm\n`,
  },
  {
    flag: "--ipc",
    args: ["--ipc", "none"],
    command: `[ "$(readlink /proc/self/ns/ipc)" = HOST ] || echo other; grep -c ' /dev/shm ' /proc/mounts`
      .replace("HOST", ownNamespace("ipc")),
    stdout: "other\n0\n",
  },
  {
    flag: "--ipc",
    args: ["--ipc=shareable"],
    command: `[ "$(readlink /proc/self/ns/ipc)" = HOST ] || echo other; grep -c ' /dev/shm ' /proc/mounts`
      .replace("HOST", ownNamespace("ipc")),
    stdout: "other\n1\n",
    isReference: true,
  },
  {
    flag: "--pid",
    args: ["--pid", "host"],
    command:
      "readlink /proc/self/ns/pid; [ $$ -gt 1 ] && readlink /proc/$$/ns/pid; grep -c ' /proc/sys ' /proc/mounts",
    stdout: () => `${ownNamespace("pid")}\n${ownNamespace("pid")}\n1\n`,
    isReference: true,
  },
  {
    flag: "--uts",
    args: ["--uts", "host"],
    command: 'hostname; readlink /proc/self/ns/uts; echo "$HOSTNAME"',
    stdout: () => `${Deno.hostname()}\n${ownNamespace("uts")}\n${Deno.hostname()}\n`,
    isReference: true,
  },
];

/** How many ids are mapped. */
const COUNT_IDS =
  "for map in uid_map gid_map; do awk '{ sum += $3 } END { print sum }' /proc/self/$map; done";

const ID_MAPS: readonly FlagRow[] = [
  {
    flag: "--uidmap",
    args: ["--uidmap", "0:0:2000"],
    command: COUNT_IDS,
    stdout: "2000\n2000\n",
    isReference: true,
  },
  {
    // The caller is user 1000 of the container, and root of it is somebody else.
    flag: "--uidmap",
    args: ["--uidmap", "0:1:1000", "--uidmap=1000:0", "-u", "1000:0"],
    command: "id -u; touch /tmp/mine; stat -c %u /tmp/mine",
    stdout: "1000\n1000\n",
    after: ({ rootfs, user }) => {
      const { uid } = Deno.statSync(`${rootfs}/tmp/mine`);
      // What root's containers write keeps its ids on the disk; what others' do belongs to whom it is mapped to.
      equal(uid, user === "root" ? 1000 : Deno.statSync(rootfs).uid);
    },
  },
  {
    flag: "--uidmap",
    args: ["--uidmap", "0:@5:3", "--userns=private", "--privileged"],
    command: "xargs < /proc/self/gid_map",
    stdout: "0 5 3\n",
    user: "root",
  },
  {
    flag: "--gidmap",
    args: ["--gidmap", "0:0:5", "--uidmap", "0:0:7"],
    command: COUNT_IDS,
    stdout: "7\n5\n",
  },
  {
    flag: "--gidmap",
    args: ["--gidmap", "0:0:9"],
    command: COUNT_IDS,
    stdout: "9\n9\n",
    isReference: true,
  },
];

/** All of these rows. */
export const CONFINEMENT_ROWS: readonly FlagRow[] = [...SECURITY_OPTIONS, ...SETTINGS, ...SHARED, ...ID_MAPS];
