/** Who is measured, and with which command line: the nearest to `myctr run --rm --rootfs DIR true`. */

import type { World } from "./world.ts";

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly isOurs?: boolean;
}

export interface Group {
  readonly title: string;
  readonly group: readonly Contender[];
  /** Programs that would have taken part. */
  readonly missing: readonly string[];
}

/** The ordinary user that `deno task setup` makes. */
const ORDINARY_USER = "myctr-test";

/** Gives the groups that this machine can measure: as root, and as the ordinary user. */
export function contenders(world: World): Group[] {
  const all = [group("As root", asRoot(world))];
  if (hasUser(ORDINARY_USER)) all.push(group(`As the ordinary user ${ORDINARY_USER}`, asUser(world)));
  return all;
}

function group(title: string, candidates: readonly Contender[]): Group {
  const program = ({ command }: Contender) =>
    command.find((word) => !/^(setpriv|--|env$|[A-Z_]+=)/.test(word))!;
  const isThere = (contender: Contender) => isInstalled(program(contender));
  return {
    title,
    group: candidates.filter(isThere),
    missing: candidates.filter((contender) => !isThere(contender)).map(({ name }) => name),
  };
}

function asRoot({ myctr, rootfs, bundle, emptyProgram }: World): Contender[] {
  const run = [myctr, "run", "--rm"];
  return [
    { name: "myctr run --rm --rootfs DIR true", command: [...run, "--rootfs", rootfs, "true"], isOurs: true },
    { name: "myctr run --rm --rootfs DIR:O true", command: [...run, "--rootfs", `${rootfs}:O`, "true"] },
    { name: "myctr run --rm host true", command: [...run, "host", "true"] },
    { name: "myctr version", command: [myctr, "version"] },
    { name: "deno run empty.js", command: [Deno.execPath(), "run", "-A", "-q", emptyProgram] },
    { name: "runc run", command: ["runc", "run", "--bundle", bundle, "myctr-bench-runc"] },
    { name: "crun run", command: ["crun", "run", "--bundle", bundle, "myctr-bench-crun"] },
    { name: "bwrap", command: bwrap(rootfs) },
    { name: "podman run --rm --network none", command: podman(rootfs) },
  ];
}

function asUser({ myctr, rootfs, emptyProgram }: World): Contender[] {
  const home = `/home/${ORDINARY_USER}`;
  const as = [
    "setpriv",
    `--reuid=${ORDINARY_USER}`,
    `--regid=${ORDINARY_USER}`,
    "--init-groups",
    "env",
    `MYCTR_ROOT=${home}/.myctr`,
    `HOME=${home}`,
    `XDG_RUNTIME_DIR=${home}/run`,
  ];
  Deno.mkdirSync(`${home}/run`, { recursive: true, mode: 0o700 });
  const { uid, gid } = Deno.statSync(home);
  if (uid !== null && gid !== null) Deno.chownSync(`${home}/run`, uid, gid);
  return [
    {
      name: "myctr run --rm --rootfs DIR true",
      command: [...as, myctr, "run", "--rm", "--rootfs", rootfs, "true"],
      isOurs: true,
    },
    { name: "deno run empty.js", command: [...as, Deno.execPath(), "run", "-A", "-q", emptyProgram] },
    { name: "bwrap", command: [...as, ...bwrap(rootfs)] },
    { name: "podman run --rm --network none", command: [...as, ...podman(rootfs)] },
  ];
}

function bwrap(rootfs: string): string[] {
  return ["bwrap", "--unshare-all", "--bind", rootfs, "/", "--proc", "/proc", "--dev", "/dev", "true"];
}

function podman(rootfs: string): string[] {
  // cgroupfs: without systemd there is nobody else to ask.
  return [
    "podman",
    "--cgroup-manager=cgroupfs",
    "--runtime=runc",
    "run",
    // Its default limits can't be set where hard limits can't be raised.
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=4096:4096",
    "--rm",
    "--network",
    "none",
    "--rootfs",
    rootfs,
    "true",
  ];
}

function isInstalled(program: string): boolean {
  if (program.startsWith("/")) return true;
  return ["/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin"].some((directory) => {
    try {
      return Deno.statSync(`${directory}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

function hasUser(name: string): boolean {
  return Deno.readTextFileSync("/etc/passwd").split("\n").some((line) => line.startsWith(`${name}:`));
}
