/** Requests and machines at random, each from a seed that tells it again. */

import { chance } from "../chance.ts";
import type { HostFacts, PathKind } from "../../src/host/host_facts.ts";
import type { RunRequest } from "../../src/spec/request.ts";
import type { Mount } from "../../src/spec/types.ts";
import { bindOf, type Caller, type PlanCase, planCase } from "./plan_cases.ts";

class Chooser {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chance(seed);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#next() * items.length)]!;
  }

  /** Each of the items with that probability, in their order. */
  some<Item>(items: readonly Item[], probability = 0.4): Item[] {
    return items.filter(() => this.chance(probability));
  }
}

const CAPABILITIES = ["CAP_NET_RAW", "CAP_SYS_ADMIN", "CAP_BPF", "CAP_CHOWN", "CAP_SETUID", "ALL"] as const;
const WORDS = ["ro", "nosuid", "nodev", "noexec", "rprivate", "rslave", "rshared", "slave"] as const;
/** In the way of what every container has, or not; `/` and what lies in /proc are refused elsewhere. */
const DESTINATIONS = [
  "/data",
  "/data/deep/er",
  "/dev/shm",
  "/etc",
  "/etc/hosts",
  "/mnt",
  "/run/app.conf",
  "/sys",
  "/tmp",
] as const;
const SOURCES = ["/srv/a", "./b", "~/c", "/srv/d.conf", "/tmp/e f", "/"] as const;

/** What `--security-opt mask` may name, and what there is. */
const MASKED_KINDS: Readonly<Record<string, PathKind>> = {
  "/etc/motd": "file",
  "/opt": "directory",
  "/proc/version": "file",
};

const NODE = { isBlock: false, major: 10, minor: 300, modeOctal: 0o600 } as const;

function randomMount(choose: Chooser, destination: string): Mount {
  if (choose.chance(0.3)) {
    const options = choose.some(["nosuid", "nodev", "noexec", "ro", "size=64m", "mode=1777"]);
    return { destination, type: "tmpfs", source: "tmpfs", options };
  }
  const bind = bindOf(choose.one(SOURCES), destination, ...choose.some(WORDS, 0.25));
  return choose.chance(0.2) ? { ...bind, options: ["bind", ...bind.options.slice(1)] } : bind;
}

function randomRequest(choose: Chooser, caller: Caller): Partial<RunRequest> {
  const capAdd = choose.some(CAPABILITIES, 0.2);
  const rootfs = choose.chance(0.7) ? { path: "root fs", overlay: choose.chance(0.6) } : undefined;
  return {
    ...(rootfs !== undefined && { rootfs, rootfsTmpfs: rootfs.overlay && choose.chance(0.4) }),
    command: choose.one([["sh"], ["/bin/sh", "-c", "exit 3"], ["./a b", '\n"\\', ""], ["prog", "-é"]]),
    interactive: choose.chance(0.5),
    ...(choose.chance(0.3) && { timeoutSeconds: choose.one([0, 1, 99]), stopTimeoutSeconds: choose.one([-1, 0]) }),
    readOnly: choose.chance(0.3),
    env: choose.some([{ name: "HOME", value: "/x" }, { name: "PATH", value: ":/a/:/b" }, {
      name: "A",
      value: "",
    }]),
    mounts: choose.some(DESTINATIONS, 0.25).map((destination) => randomMount(choose, destination)),
    network: choose.one(["none", "none", "host", "host", "container:web"]),
    privileged: choose.chance(0.25),
    capAdd,
    capDrop: choose.some(CAPABILITIES, 0.2).filter((name) => !capAdd.includes(name)),
    ...(choose.chance(0.4) && { user: choose.one(["0", "root", "app", "1000", "app:staff", "0:5", "7:7"]) }),
    ...(choose.chance(0.3) && { workdir: choose.one(["/", "/w", "/a b"]) }),
    ...(choose.chance(0.3) && { hostname: choose.one(["box", "a-b"]) }),
    ...randomConfinement(choose),
    tty: choose.chance(0.3),
    ...(caller === "root" && choose.chance(0.4) && { userns: choose.one(["host", "private"] as const) }),
  };
}

function randomConfinement(choose: Chooser): Partial<RunRequest> {
  const ipc = choose.one([undefined, undefined, "shareable", "none", "host", "container:web"] as const);
  return {
    noNewPrivileges: choose.chance(0.3),
    ...(choose.chance(0.2) && { apparmorProfile: choose.one(["unconfined", "docker-default"]) }),
    ...(choose.chance(0.3) && { maskedPaths: choose.some(Object.keys(MASKED_KINDS)) }),
    ...(choose.chance(0.3) && { pid: choose.one(["private", "host", "container:web"] as const) }),
    ...(ipc !== undefined && { ipc }),
    umask: choose.one([0o022, 0o077, 0o777]),
    ...(choose.chance(0.2) && { oomScoreAdj: choose.one([-5, 500]) }),
    ulimits: choose.some([{ type: "RLIMIT_NOFILE", soft: 5, hard: 9 }, { type: "RLIMIT_NPROC", soft: 1, hard: 99 }]),
    sysctls: ipc === "host" || ipc === "container:web" ? [] : choose.some([{ name: "kernel.shmmax", value: "9" }, { name: "fs.mqueue.msg_max", value: "'" }]),
    devices: choose.some([{ source: "/dev/fuse", path: "/dev/f/use" }, { source: "/dev/kvm", path: "/kvm" }]),
    ...(choose.chance(0.2) && { unmaskedPaths: choose.some(["ALL", "/proc/sys", "/proc/*"]) }),
  };
}

function randomHost(choose: Chooser): Partial<HostFacts> {
  const lastCapability = choose.one([40, 41]);
  const ownCapabilities = Array.from({ length: lastCapability + 1 }, (_, number) => number);
  const etc = ["hosts.allow", "passwd", "ssl", "localtime"];
  return {
    lastCapability,
    ownCapabilities: choose.chance(0.3) ? choose.some(ownCapabilities) : ownCapabilities,
    maskedKinds: MASKED_KINDS,
    hardLimits: { RLIMIT_NOFILE: choose.one([8, 4096]) },
    addedDevices: choose.some([
      { source: "/dev/fuse", path: "/dev/f/use", node: { ...NODE, name: "fuse" } },
      { source: "/dev/kvm", path: "/kvm", node: { ...NODE, name: "kvm" } },
    ]),
    openFilesHard: choose.one([256, 1024, 524_288]),
    hostImage: {
      links: choose.some([{ name: "bin", target: "usr/bin" }, { name: "sbin", target: "usr/bin" }]),
      directories: ["usr", ...choose.some(["lib", "lib64"])],
      etc: choose.some(etc).map((name) => ({ name, kind: choose.one<PathKind>(["file", "directory"]) })),
    },
  };
}

/** Makes the case of a seed. */
export function randomCase(seed: number): PlanCase {
  const choose = new Chooser(seed);
  const caller = choose.one(["rootless", "mapped", "single", "root"] as const);
  return planCase(`seed ${seed}`, caller, randomRequest(choose, caller), randomHost(choose));
}
