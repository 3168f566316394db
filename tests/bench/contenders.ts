/** Who is measured, and with which command line: the nearest to `myctr run --rm --rootfs DIR true`. */

import { builds } from "./builds.ts";
import { images } from "./images.ts";
import { lifecycle } from "./lifecycle.ts";
import { streams } from "./streams.ts";
import { terminal } from "./terminal.ts";
import type { World } from "./world.ts";

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly isOurs?: boolean;
  /** Commands before and after it whose time does not count. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Who runs it; without it, root. A wrapper such as setpriv would be counted along. */
  readonly user?: User;
}

/** An ordinary user, with what a login gives. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Group {
  readonly title: string;
  readonly group: readonly Contender[];
  /** Where a round takes long. */
  readonly mostRounds?: number | undefined;
  /** Programs that would have taken part. */
  readonly missing: readonly string[];
}

/** cgroupfs: without systemd there is nobody else to ask. */
export const PODMAN = ["podman", "--cgroup-manager=cgroupfs", "--runtime=runc"] as const;
/** Its default limits can't be set where hard limits can't be raised. */
export const PODMAN_LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"] as const;

/** The ordinary user that `deno task setup` makes. */
const ORDINARY_USER = "myctr-test";

/** Gives the groups that this machine can measure: as root, and as the ordinary user. */
export async function contenders(world: World): Promise<Group[]> {
  const all = [group("As root", asRoot(world))];
  if (hasUser(ORDINARY_USER)) all.push(group(`As the ordinary user ${ORDINARY_USER}`, asUser(world)));
  const more = [
    ...lifecycle(world),
    ...streams(world),
    ...terminal(world),
    ...await images(world),
    ...builds(world),
  ];
  return [
    ...all,
    ...more.map(({ title, candidates, mostRounds }) => ({ ...group(title, candidates), mostRounds })),
  ];
}

function group(title: string, candidates: readonly Contender[]): Group {
  const isThere = ({ command: [program = ""] }: Contender) => isInstalled(program);
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
  const user = readUser();
  const run = [myctr, "run", "--rm", "--rootfs", rootfs, "true"];
  return [
    { name: "myctr run --rm --rootfs DIR true", command: run, isOurs: true, user },
    { name: "deno run empty.js", command: [Deno.execPath(), "run", "-A", "-q", emptyProgram], user },
    { name: "bwrap", command: bwrap(rootfs), user },
    { name: "podman run --rm --network none", command: podman(rootfs), user },
  ];
}

function readUser(): User {
  const home = `/home/${ORDINARY_USER}`;
  Deno.mkdirSync(`${home}/run`, { recursive: true, mode: 0o700 });
  const { uid, gid } = Deno.statSync(home);
  if (uid === null || gid === null) throw new TypeError(`${home} belongs to nobody`);
  Deno.chownSync(`${home}/run`, uid, gid);
  const path = Deno.env.get("PATH") ?? "";
  const env = {
    PATH: path,
    HOME: home,
    USER: ORDINARY_USER,
    XDG_RUNTIME_DIR: `${home}/run`,
    // As the peers, which are told so by an option.
    MYCTR_DEFAULT_NETWORK: "none",
  };
  return { uid, gid, env };
}

function bwrap(rootfs: string): string[] {
  return ["bwrap", "--unshare-all", "--bind", rootfs, "/", "--proc", "/proc", "--dev", "/dev", "true"];
}

function podman(rootfs: string): string[] {
  return [...PODMAN, "run", ...PODMAN_LIMITS, "--rm", "--network", "none", "--rootfs", rootfs, "true"];
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
