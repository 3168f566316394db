/** Judges what stands around containers: cgroups, security modules, networks, the session, the state directory. Pure. */

import { PROBE } from "../plan/probe_plan.ts";
import { type Check, installWords, renderTry } from "./check.ts";
import type { Findings } from "./findings.ts";

/** The checks, in the order in which they are told. */
export function systemChecks(findings: Findings): readonly Check[] {
  return [
    cgroupVersion(findings),
    cgroupDelegation(findings),
    seccomp(findings),
    appArmor(findings),
    selinux(findings),
    ptrace(findings),
    keyrings(findings),
    tun(findings),
    networkHelper(findings),
    userSession(findings),
    stateDirectory(findings),
  ];
}

const LIMITS = "limits on memory, processors and processes";

/** Controllers that docker's flags of limits need. */
const WANTED = ["cpu", "cpuset", "io", "memory", "pids"] as const;

function cgroupVersion({ cgroup: { version, mount, controllers } }: Findings): Check {
  const about = { name: "cgroups", from: "/proc/self/mountinfo, cgroup.controllers" };
  const absent = WANTED.filter((name) => !controllers.includes(name));
  if (version === "v2" && absent.length === 0) {
    return { ...about, state: "ok", found: `v2 at ${mount}: ${controllers.join(", ")}` };
  }
  const remedy = "boot with systemd.unified_cgroup_hierarchy=1, the default of today's distributions";
  switch (version) {
    case "v2":
      return {
        ...about,
        state: "limited",
        found: `v2 at ${mount}, without ${absent.join(", ")}`,
        lost: `some of the ${LIMITS}`,
        remedy: "a kernel that has them, and none of them disabled at boot (cgroup_disable=)",
      };
    case "hybrid":
      return {
        ...about,
        state: "limited",
        found: `v1, and v2 at ${mount} with ${controllers.join(", ") || "no controllers"}`,
        lost: LIMITS,
        remedy,
      };
    default:
      return {
        ...about,
        state: "missing",
        found: version === "v1" ? "v1 alone" : "nothing is mounted",
        lost: LIMITS,
        remedy,
      };
  }
}

function cgroupDelegation({ uid, cgroup }: Findings): Check {
  const about = { name: "cgroup delegation", from: "/proc/self/cgroup, cgroup.procs opened for writing" };
  const { writable, isOwnWritable } = cgroup;
  const scope = "systemd-run --user --scope -p Delegate=yes myctr …";
  if (cgroup.mount === undefined) {
    return {
      ...about,
      state: "missing",
      found: "there is no cgroup v2",
      lost: LIMITS,
      remedy: "cgroup v2 first",
    };
  }
  if (writable === undefined) {
    return {
      ...about,
      state: "missing",
      found: `${cgroup.own ?? "the own cgroup"} is not yours to change`,
      lost: LIMITS,
      remedy: uid === 0 ? "a writable mount of cgroup2" : `with a systemd user session: ${scope}`,
    };
  }
  const given = writable.controllers.join(", ") || "no controllers";
  if (!isOwnWritable) {
    return {
      ...about,
      state: "limited",
      found: `${writable.path} is yours (${given}), but this process is not in it`,
      lost: LIMITS,
      remedy: scope,
    };
  }
  const absent = ["cpu", "memory", "pids"].filter((name) => !writable.controllers.includes(name));
  if (absent.length === 0) return { ...about, state: "ok", found: `${writable.path}: ${given}` };
  return {
    ...about,
    state: "limited",
    found: `${writable.path}: ${given}`,
    lost: `limits by ${absent.join(", ")}`,
    remedy: cgroup.version !== "v2"
      ? "cgroup v2 alone, as above"
      : "a drop-in of user@.service with Delegate=cpu cpuset io memory pids",
  };
}

function seccomp({ seccomp: errno }: Findings): Check {
  const about = { name: "seccomp filters", from: "seccomp(SECCOMP_SET_MODE_FILTER) without an address" };
  if (errno === "EFAULT") return { ...about, state: "ok", found: "the kernel takes filters" };
  return {
    ...about,
    state: "missing",
    found: `the kernel answers ${errno}`,
    lost: "a filter of system calls around containers",
    remedy: "a kernel with CONFIG_SECCOMP_FILTER",
  };
}

function appArmor({ hasAppArmor, lsm, selinux: other }: Findings): Check {
  const about = {
    name: "AppArmor",
    from: "/sys/module/apparmor/parameters/enabled, /sys/kernel/security/lsm",
  };
  if (hasAppArmor) return { ...about, state: "ok", found: "enabled" };
  if (other !== undefined) return { ...about, state: "ok", found: "not enabled; SELinux is" };
  return {
    ...about,
    state: "missing",
    found: lsm.length === 0 ? "not enabled" : `not among ${lsm.join(", ")}`,
    lost: "profiles around containers, a second fence; either this or SELinux will do",
    remedy: `${installWords("apparmor")}, and boot with security=apparmor`,
  };
}

function selinux({ selinux: mode, hasAppArmor }: Findings): Check {
  const about = { name: "SELinux", from: "/sys/fs/selinux/enforce" };
  if (mode !== undefined) return { ...about, state: "ok", found: mode };
  if (hasAppArmor) return { ...about, state: "ok", found: "not enabled; AppArmor is" };
  return {
    ...about,
    state: "missing",
    found: "not enabled",
    lost: "labels around containers, a second fence; either this or AppArmor will do",
    remedy: "the distribution's own choice: Fedora and its like have it on",
  };
}

/** Source: Documentation/admin-guide/LSM/Yama.rst. */
function ptrace({ settings }: Findings): Check {
  const scope = settings["kernel.yama.ptrace_scope"];
  const about = { name: "ptrace", from: "kernel.yama.ptrace_scope" };
  if (scope === undefined) return { ...about, state: "ok", found: "not restricted by Yama" };
  if (Number(scope) < 2) {
    const who = scope === "0" ? "every process of the same user" : "a process's own children";
    return { ...about, state: "ok", found: `${scope}: debuggers may attach to ${who}` };
  }
  return {
    ...about,
    state: "limited",
    found: `${scope}: ${scope === "2" ? "for CAP_SYS_PTRACE alone" : "for nobody"}`,
    lost: "debuggers and strace in containers",
    remedy: "sysctl kernel.yama.ptrace_scope=1 (from 3 only by a reboot)",
  };
}

function keyrings({ steps, keys }: Findings): Check {
  const about = { name: "keyrings", from: "keyctl(KEYCTL_JOIN_SESSION_KEYRING), /proc/key-users" };
  const used = keys === undefined ? "" : `, ${keys.used} of ${keys.most} keys in use`;
  const tried = steps[PROBE.keyring];
  if (tried === true) return { ...about, state: "ok", found: `a container gets its own${used}` };
  return {
    ...about,
    state: "limited",
    found: `${renderTry(tried)}${used}`,
    lost: "a session keyring of the container's own",
    remedy: "sysctl kernel.keys.maxkeys=2000 kernel.keys.maxbytes=200000 where the quota is used up",
  };
}

function tun({ uid, tun: tried }: Findings): Check {
  const about = { name: "/dev/net/tun", from: "open(O_RDWR)" };
  if (tried === true) return { ...about, state: "ok", found: "can be opened" };
  return {
    ...about,
    state: uid === 0 ? "limited" : "missing",
    found: renderTry(tried),
    lost: "pasta and slirp4netns: a network for containers of ordinary users",
    remedy: "modprobe tun; chmod 666 /dev/net/tun where it is closed",
  };
}

function networkHelper({ networkHelpers: { pasta, slirp4netns } }: Findings): Check {
  const found = [pasta, slirp4netns].filter((path) => path !== undefined);
  const about = { name: "pasta, slirp4netns", from: "/usr/bin, /usr/sbin, /bin, /usr/local/bin" };
  const [used, ...others] = found;
  if (used !== undefined) {
    const more = others.map((path) => `; ${path} is there too`).join("");
    return { ...about, state: "ok", found: `${used} connects containers${more}` };
  }
  return {
    ...about,
    state: "missing",
    found: "neither is installed",
    lost: "a network of their own for containers of ordinary users; none and host work",
    remedy: installWords("passt", "passt", "passt"),
  };
}

function userSession({ uid, userSession: directory }: Findings): Check {
  const about = { name: "systemd user session", from: "$XDG_RUNTIME_DIR/systemd/private, connect()" };
  if (directory !== undefined) return { ...about, state: "ok", found: `answers in ${directory}` };
  if (uid === 0) return { ...about, state: "ok", found: "none; root does without" };
  return {
    ...about,
    state: "limited",
    found: "none answers",
    lost: "a cgroup of your own, and with it limits",
    remedy: "log in by ssh or a console (not su), or as root: loginctl enable-linger USER",
  };
}

/** What a small image and some containers take. */
const ENOUGH_BYTES = 1024 ** 3;

function stateDirectory({ state }: Findings): Check {
  const { root, existing, isWritable, filesystem, availableBytes } = state;
  const about = { name: "state directory", from: "open(O_TMPFILE), /proc/self/mountinfo, fstatfs()" };
  const where = root === existing ? root : `${root}, to be made in ${existing}`;
  const free = `${(availableBytes / ENOUGH_BYTES).toFixed(1)} GiB free`;
  if (!isWritable) {
    return {
      ...about,
      state: "missing",
      required: true,
      found: `${where}: can't be written`,
      lost: "containers: each has its directory there",
      remedy: "another directory that is yours: --root DIR or MYCTR_ROOT",
    };
  }
  const found = `${where}: ${filesystem}, ${free}`;
  if (availableBytes >= ENOUGH_BYTES) return { ...about, state: "ok", found };
  return {
    ...about,
    state: "limited",
    found,
    lost: "room for files of containers",
    remedy: "--root DIR elsewhere",
  };
}
