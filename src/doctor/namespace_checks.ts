/** Judges what containers need of the kernel: version, calls, namespaces, ids, mounts. Pure. */

import { PROBE, PROBED_FILESYSTEMS, PROBED_NAMESPACES } from "../plan/probe_plan.ts";
import { type Check, installWords, renderTry } from "./check.ts";
import type { Findings, HelperFinding } from "./findings.ts";

/** Linux 5.13 for ordinary users; 5.19 for root, whose overlays are shifted: README, Requirements. */
const NEEDED = { user: [5, 13], root: [5, 19] } as const;

/** The checks, in the order in which they are told. */
export function namespaceChecks(findings: Findings): readonly Check[] {
  return [
    kernel(findings),
    program(findings),
    userNamespaces(findings),
    otherNamespaces(findings),
    mounts(findings),
    overlay(findings),
    subordinateIds(findings),
    ...(findings.uid === 0 ? [shiftedIds(findings)] : [idHelpers(findings)]),
  ];
}

function kernel({ uid, release, arch, missingCalls }: Findings): Check {
  const [major, minor] = uid === 0 ? NEEDED.root : NEEDED.user;
  const [is = 0, after = 0] = release.split(".").map((part) => Number.parseInt(part));
  const isOld = is < major || (is === major && after < minor);
  const about = {
    name: "kernel",
    found: `Linux ${release}, ${arch}; needed: ${major}.${minor}`,
    from: "/proc/sys/kernel/osrelease, calls made without effect",
  };
  if (arch !== "x86_64") {
    return {
      ...about,
      state: "missing",
      required: true,
      lost: "containers: only x86_64 is supported",
      remedy: "a machine with an x86_64 processor",
    };
  }
  if (missingCalls.length > 0) {
    return {
      ...about,
      state: "missing",
      required: true,
      found: `Linux ${release}, without ${missingCalls.join(", ")}`,
      lost: "containers: they are made by these calls",
      remedy: `Linux ${major}.${minor} or newer; in a container of another engine, its seccomp filter off`,
    };
  }
  if (!isOld) return { ...about, state: "ok" };
  return {
    ...about,
    state: "limited",
    lost: uid === 0 ? "overlays on shifted ids" : "what was added since",
    remedy: "a newer kernel of the distribution",
  };
}

function program({ noProgram, isMemfdRefused, settings }: Findings): Check {
  const setting = settings["vm.memfd_noexec"] ?? "not there";
  const about = { name: "program in memory", from: "memfd_create(), posix_spawn(), vm.memfd_noexec" };
  if (noProgram !== undefined) {
    return {
      ...about,
      state: "missing",
      required: true,
      found: `cannot be started: ${noProgram}`,
      lost: "containers: a program without a name makes them",
      remedy: "sysctl vm.memfd_noexec=1, or a state directory that is not mounted noexec",
    };
  }
  if (!isMemfdRefused) return { ...about, state: "ok", found: `runs; vm.memfd_noexec is ${setting}` };
  return {
    ...about,
    state: "limited",
    found: `a memfd may not be executed (vm.memfd_noexec is ${setting})`,
    lost: "some speed: the program becomes an unnamed file on the disk",
    remedy: "sysctl vm.memfd_noexec=1",
  };
}

/** What forbids user namespaces, with the words that allow them. Errnos: clone(2), and tried on kernels set so. */
const FORBIDDERS: readonly {
  readonly setting: string;
  readonly value: string;
  readonly remedy: string;
}[] = [
  {
    setting: "user.max_user_namespaces",
    value: "0",
    remedy: "sysctl user.max_user_namespaces=15000, and the same line in /etc/sysctl.d",
  },
  {
    setting: "kernel.unprivileged_userns_clone",
    value: "0",
    remedy: "sysctl kernel.unprivileged_userns_clone=1 (Debian, Arch linux-hardened)",
  },
  {
    setting: "kernel.apparmor_restrict_unprivileged_userns",
    value: "1",
    remedy: "an AppArmor profile for myctr with the rule userns, or " +
      "sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)",
  },
];

function userNamespaces({ uid, namespaces, steps, settings }: Findings): Check {
  const tried = namespaces.user === true ? steps[PROBE.map] ?? true : namespaces.user;
  const about = { name: "user namespaces", from: "clone3(CLONE_NEWUSER), write to uid_map" };
  if (tried === true) return { ...about, state: "ok", found: "one can be made, and an id mapped in it" };
  const culprit = FORBIDDERS.find(({ setting, value }) => settings[setting] === value);
  return {
    ...about,
    state: "missing",
    ...(uid === 0 ? {} : { required: true }),
    found: culprit === undefined ? renderTry(tried) : `${culprit.setting} is ${culprit.value}`,
    lost: uid === 0 ? "all but --userns host and --privileged" : "containers of ordinary users",
    remedy: culprit?.remedy ?? otherRemedy(tried.errno),
  };
}

function otherRemedy(errno: string): string {
  if (errno === "ENOSPC") {
    return "sysctl user.max_user_namespaces=15000: they are used up, or nested too deep";
  }
  if (errno === "EINVAL") return "a kernel with CONFIG_USER_NS";
  return "leave of the security module (AppArmor, SELinux) or engine that myctr runs under";
}

function otherNamespaces({ namespaces }: Findings): Check {
  const others = PROBED_NAMESPACES.filter((type) => type !== "user");
  const about = { name: "other namespaces", from: "clone3()" };
  const missing = others.filter((type) => namespaces[type] !== true);
  if (missing.length === 0) return { ...about, state: "ok", found: others.join(", ") };
  return {
    ...about,
    state: "missing",
    required: true,
    found: missing.map((type) => `${type}: ${renderTry(namespaces[type])}`).join(", "),
    lost: "containers: each has one of every kind",
    remedy: "user namespaces first, if they are missing; else a kernel with all CONFIG_*_NS",
  };
}

function mounts({ steps }: Findings): Check {
  const failed = PROBED_FILESYSTEMS.filter((type) => steps[PROBE.mount(type)] !== true);
  const about = { name: "mounts in namespaces", from: "fsopen(), fsconfig(), fsmount()" };
  if (failed.length === 0) return { ...about, state: "ok", found: PROBED_FILESYSTEMS.join(", ") };
  const [first] = failed;
  // POSIX message queues are left out of some kernels, and then of the container too.
  if (failed.every((type) => type === "mqueue")) {
    return {
      ...about,
      state: "limited",
      found: `mqueue: ${renderTry(steps[PROBE.mount("mqueue")])}`,
      lost: "POSIX message queues",
      remedy: "a kernel with CONFIG_POSIX_MQUEUE",
    };
  }
  return {
    ...about,
    state: "missing",
    required: true,
    found: failed.map((type) => `${type}: ${renderTry(steps[PROBE.mount(type)])}`).join(", "),
    lost: "containers: /proc, /sys and /dev are mounts",
    remedy: first === "proc" || first === "sysfs"
      ? "inside another engine's container, its --privileged or --security-opt systempaths=unconfined"
      : "namespaces first, if they are missing",
  };
}

function overlay({ steps, state }: Findings): Check {
  const tried = [steps[PROBE.overlay], ...(state.overlay === undefined ? [] : [state.overlay])];
  const about = {
    name: "overlay",
    from: "fsopen(overlay), upper directory in memory and in the state directory",
  };
  if (tried.every((each) => each === true)) {
    const where = state.overlay === undefined ? "in memory" : "in memory and on disk";
    return { ...about, state: "ok", found: `works ${where}` };
  }
  if (tried[0] === true) {
    return {
      ...about,
      state: "limited",
      found: `in memory alone; in ${state.root} ${renderTry(state.overlay)} (${state.filesystem})`,
      lost: "--rootfs DIR:O without --rootfs-tmpfs",
      remedy: "another --root, on a file system such as ext4, xfs or btrfs",
    };
  }
  return {
    ...about,
    state: "missing",
    found: renderTry(tried[0]),
    lost: "--rootfs DIR:O: changes can't be kept apart",
    remedy: "Linux 5.11 or newer with the module overlay: modprobe overlay",
  };
}

function subordinateIds({ uid, userName, ranges: { uids, gids } }: Findings): Check {
  const about = { name: "subordinate ids", from: "/etc/subuid, /etc/subgid" };
  const who = userName ?? String(uid);
  if (uids !== undefined && gids !== undefined) {
    return {
      ...about,
      state: "ok",
      found: `${uids.count} users from ${uids.start}, ${gids.count} groups from ${gids.start}`,
    };
  }
  if (uid === 0) {
    return { ...about, state: "ok", found: "no line of root: a range of myctr's own, from 1900000000" };
  }
  return {
    ...about,
    state: "limited",
    found: `no line of ${who} in ${uids === undefined ? "/etc/subuid" : "/etc/subgid"}`,
    lost: "users other than root inside: -u, chown, most package managers",
    remedy:
      `as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${who} (or another free range)`,
  };
}

function idHelpers({ helpers, rangeMap }: Findings): Check {
  const about = { name: "id helpers", from: "statx() and getxattr() of the files; a map written by them" };
  const pair = Object.entries(helpers) as readonly [string, HelperFinding][];
  const lost = "users other than root inside: only your own id is mapped";
  const remedy = installWords("uidmap", "shadow-utils", "shadow");
  const gone = pair.filter(([, { path }]) => path === undefined).map(([name]) => name);
  if (gone.length > 0) {
    return { ...about, state: "limited", found: `no ${gone.join(", no ")}`, lost, remedy };
  }
  const weak = pair.filter(([, { privilege }]) => privilege === undefined).map(([, { path }]) => path);
  if (weak.length > 0) {
    const again = `chmod u+s ${weak.join(" ")} as root, or install them again`;
    return { ...about, state: "limited", found: `without rights: ${weak.join(", ")}`, lost, remedy: again };
  }
  if (typeof rangeMap === "string") {
    return {
      ...about,
      state: "missing",
      required: true,
      found: `they refuse the range: ${rangeMap}`,
      lost: "containers: with such lines in /etc/subuid myctr asks them",
      remedy: "correct lines in /etc/subuid and /etc/subgid; see newuidmap(1)",
    };
  }
  const [[, first]] = pair as readonly [[string, HelperFinding]];
  const works = rangeMap === undefined ? "" : ", and map the range";
  return { ...about, state: "ok", found: `${first.path} and newgidmap have ${first.privilege}${works}` };
}

function shiftedIds({ shift, state }: Findings): Check {
  const about = { name: "shifted ids", from: `mount_setattr(MOUNT_ATTR_IDMAP) on ${state.existing}` };
  if (shift === true) return { ...about, state: "ok", found: `work on ${state.filesystem}` };
  return {
    ...about,
    state: "missing",
    found: `${renderTry(shift)} (${state.filesystem})`,
    lost: "containers of root with a user namespace; --userns host works",
    remedy: "Linux 5.19, and a state directory on ext4, xfs or btrfs: --root DIR",
  };
}
