/** The modes of a machine: which kernel and init it boots, and what is switched before a script runs as whom. */

import type { GuestUserName, Machine, Place } from "./machine.ts";
import type { KernelLine } from "./packages.ts";

/** One mode. */
export interface Mode {
  /** What it stands for, in a few words. */
  readonly about: string;
  readonly kernel: KernelLine;
  readonly init?: "plain" | "systemd";
  readonly user: GuestUserName;
  readonly place?: Place;
  /** Run as root before, and after: modes of one machine follow each other. */
  readonly enter?: string;
  readonly leave?: string;
}

/** Debian's stable kernel when most of its machines were set up. */
const USUAL = "6.1";

/** All that a container's start needs, the words of {@link apparmor} apart. */
const APPARMOR_RULES =
  "file, network, mount, umount, remount, pivot_root, signal, ptrace, unix, mqueue, io_uring";

/** Each mode by its name. */
export const MODES = {
  "root": { about: "root", kernel: USUAL, user: "root" },
  "user": {
    about: "an ordinary user with a delegated cgroup",
    kernel: USUAL,
    user: "user",
    place: "delegated",
  },
  "session": { about: "a user without delegation", kernel: USUAL, user: "user" },
  "bare": { about: "a user without subordinate ids", kernel: USUAL, user: "bare" },
  "no-userns": {
    about: "user.max_user_namespaces=0",
    kernel: USUAL,
    user: "user",
    enter: "sysctl -qw user.max_user_namespaces=0",
    leave: "sysctl -qw user.max_user_namespaces=1000",
  },
  "no-userns-root": {
    about: "user.max_user_namespaces=0, for root",
    kernel: USUAL,
    user: "root",
    enter: "sysctl -qw user.max_user_namespaces=0",
    leave: "sysctl -qw user.max_user_namespaces=1000",
  },
  "no-userns-clone": {
    about: "kernel.unprivileged_userns_clone=0",
    kernel: USUAL,
    user: "user",
    enter: "sysctl -qw kernel.unprivileged_userns_clone=0",
    leave: "sysctl -qw kernel.unprivileged_userns_clone=1",
  },
  "no-userns-clone-root": {
    about: "kernel.unprivileged_userns_clone=0, for root",
    kernel: USUAL,
    user: "root",
    enter: "sysctl -qw kernel.unprivileged_userns_clone=0",
    leave: "sysctl -qw kernel.unprivileged_userns_clone=1",
  },
  "yama": {
    about: "kernel.yama.ptrace_scope=1",
    kernel: USUAL,
    user: "user",
    enter: "sysctl -qw kernel.yama.ptrace_scope=1",
    leave: "sysctl -qw kernel.yama.ptrace_scope=0",
  },
  "kernel-5.10": { about: "a user on 5.10", kernel: "5.10", user: "user" },
  "kernel-5.10-root": { about: "root on 5.10", kernel: "5.10", user: "root" },
  "kernel-6.12": { about: "a user on 6.12", kernel: "6.12", user: "user", place: "delegated" },
  "kernel-6.12-root": { about: "root on 6.12", kernel: "6.12", user: "root" },
  "memfd-noexec": {
    about: "vm.memfd_noexec=2",
    kernel: "6.12",
    user: "user",
    enter: "sysctl -qw vm.memfd_noexec=2",
    leave: "sysctl -qw vm.memfd_noexec=0",
  },
  "memfd-noexec-root": {
    about: "vm.memfd_noexec=2, for root",
    kernel: "6.12",
    user: "root",
    enter: "sysctl -qw vm.memfd_noexec=2",
    leave: "sysctl -qw vm.memfd_noexec=0",
  },
  "apparmor-userns": {
    about: "AppArmor forbids user namespaces",
    kernel: "6.12",
    user: "user",
    ...apparmor("capability"),
  },
  "apparmor-caps": {
    about: "AppArmor allows a user namespace and nothing in it, as Ubuntu does",
    kernel: "6.12",
    user: "user",
    ...apparmor("userns"),
  },
  "apparmor-memory": {
    about: "AppArmor forbids programs without a path",
    kernel: "6.12",
    user: "user",
    ...apparmor("capability, userns", ""),
  },
  "systemd": { about: "a user's session of systemd", kernel: "6.12", init: "systemd", user: "user" },
  "systemd-root": { about: "root, systemd as init", kernel: "6.12", init: "systemd", user: "root" },
} as const satisfies Readonly<Record<string, Mode>>;

/** The name of a mode. */
export type ModeName = keyof typeof MODES;

/** Names of all modes. */
export const MODE_NAMES = Object.keys(MODES) as readonly ModeName[];

/** Whether a word of the command line is a mode. */
export function isModeName(word: string): word is ModeName {
  return Object.hasOwn(MODES, word);
}

/** Gives a mode by its name. */
export function modeOf(name: ModeName): Mode {
  return MODES[name];
}

/** Does something in a mode of a running machine, and leaves the mode behind. */
export async function inMode<Result>(
  machine: Machine,
  { enter = "", leave = "" }: Mode,
  act: () => Promise<Result>,
): Promise<Result> {
  await must(machine, enter);
  try {
    return await act();
  } finally {
    await must(machine, leave);
  }
}

async function must(machine: Machine, script: string): Promise<void> {
  if (script === "") return;
  const { code, stderr } = await machine.run(script);
  if (code !== 0) throw new Error(`Cannot switch the mode: ${script}: ${stderr}`);
}

/** A profile for myctr: programs without a name have no path in it, so both flags are needed. */
function apparmor(
  allowed: string,
  flags = "flags=(attach_disconnected,mediate_deleted)",
): { readonly enter: string; readonly leave: string } {
  const profile = `abi <abi/4.0>,
profile vm-test /work/bin/myctr ${flags} { ${APPARMOR_RULES}, ${allowed}, }
`;
  return {
    enter: `cat >/run/profile <<'END'\n${profile}END\napparmor_parser -qKr /run/profile`,
    leave: "apparmor_parser -qKR /run/profile",
  };
}
