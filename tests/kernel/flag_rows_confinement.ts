/** Rows for the flags that confine a container, or set its limits and settings. */

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

/** All of these rows. */
export const CONFINEMENT_ROWS: readonly FlagRow[] = [...SECURITY_OPTIONS];
