/**
 * Debian packages of any release, downloaded without installing one: apt with a state of its own, which holds the
 * lists of several releases and no installed package. It needs no root.
 */

import { must } from "./programs.ts";

/** A package in one version. */
export interface Package {
  readonly name: string;
  readonly version: string;
}

/** The release that the machine's root file system is of. */
export const ROOT_RELEASE = "trixie";

/** Each kernel line that a machine can boot, and the release that has it; the newest version of the line is taken. */
export const KERNELS = { "5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie" } as const;

/** The name of a kernel line. */
export type KernelLine = keyof typeof KERNELS;

/** All kernel lines. */
export const KERNEL_LINES = Object.keys(KERNELS) as readonly KernelLine[];

/** What the machine's root file system has; apt adds what these depend on. */
export const ROOT_PACKAGES = [
  "apparmor",
  "base-files",
  "base-passwd",
  "bash",
  "busybox-static",
  "coreutils",
  "dbus",
  "dbus-user-session",
  "grep",
  "iproute2",
  "kmod",
  "libgcc-s1",
  "libpam-systemd",
  "mount",
  "passt",
  "passwd",
  "procps",
  "sed",
  "systemd",
  "systemd-sysv",
  "uidmap",
  "util-linux",
] as const;

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const META_PACKAGE = "linux-image-cloud-amd64";

/** apt with the lists of all releases that machines are made of. */
export class Archive {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Loads the lists into a directory, from where this machine's own apt takes Debian. */
  static async load(directory: string): Promise<Archive> {
    await Deno.mkdir(`${directory}/lists/partial`, { recursive: true });
    await Deno.mkdir(`${directory}/archives/partial`, { recursive: true });
    await Deno.writeTextFile(`${directory}/status`, "");
    const targets = await must("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)");
    await Deno.writeTextFile(`${directory}/sources.list`, renderSources(targets, await hasKeyring()));
    const archive = new Archive(directory);
    await archive.#apt("apt-get", "-qq", "update");
    return archive;
  }

  /** Lists the packages of the root file system, with all that they depend on. */
  async rootPackages(): Promise<Package[]> {
    const words = ["-qq", "--print-uris", "--yes", "--no-install-recommends", "install", ...ROOT_PACKAGES];
    const release = ["-o", `APT::Default-Release=${ROOT_RELEASE}`];
    return parseUris(await this.#apt("apt-get", ...release, ...words));
  }

  /** Finds the newest kernel of a line. */
  async kernelPackage(line: KernelLine): Promise<Package> {
    const found = findKernel(await this.#apt("apt-cache", "show", META_PACKAGE), line);
    if (found === undefined) throw new Error(`Debian's ${KERNELS[line]} has no kernel ${line}`);
    return found;
  }

  /** Downloads packages; gives their files. */
  async download(packages: readonly Package[]): Promise<string[]> {
    const folder = `${this.#directory}/debs`;
    await Deno.mkdir(folder, { recursive: true });
    const names = packages.map(({ name, version }) => `${name}=${version}`);
    const script = 'cd "$0" && exec "$@"';
    await must("sh", "-c", script, folder, "apt-get", ...this.#options(), "-qq", "download", ...names);
    const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return packages.map((each) => {
      const file = files.find((name) => name.startsWith(`${each.name}_${each.version.replace(":", "%3a")}_`));
      if (file === undefined) throw new Error(`apt-get download left no file of ${each.name}`);
      return `${folder}/${file}`;
    });
  }

  /** Removes what was downloaded. */
  async forget(): Promise<void> {
    await Deno.remove(`${this.#directory}/debs`, { recursive: true });
  }

  #apt(program: string, ...words: readonly string[]): Promise<string> {
    return must(program, ...this.#options(), ...words);
  }

  #options(): string[] {
    const d = this.#directory;
    return [
      `Dir::State=${d}`,
      `Dir::State::lists=${d}/lists`,
      `Dir::State::status=${d}/status`,
      `Dir::Cache=${d}`,
      `Dir::Etc::sourcelist=${d}/sources.list`,
      "Dir::Etc::sourceparts=-",
      "Acquire::Languages=none",
      "Debug::NoLocking=1",
      // apt's own user can't write into a directory of ours.
      "APT::Sandbox::User=root",
    ].flatMap((option) => ["-o", option]);
  }
}

/** Renders sources.list(5) for all releases, with the places of the lines `LABEL URI` of apt-get indextargets. Pure. */
export function renderSources(targets: string, hasKey: boolean): string {
  const places = targets.split("\n").map((line) => line.split(" "));
  const placeOf = (label: string) => places.find(([each]) => each === label)?.[1];
  const [debian, security] = [placeOf("Debian"), placeOf("Debian-Security")];
  if (debian === undefined) throw new Error("apt has no lists of Debian: run apt-get update");
  const key = hasKey ? `[signed-by=${KEYRING}] ` : "";
  return [...new Set([ROOT_RELEASE, ...Object.values(KERNELS)])].flatMap((release) => [
    `deb ${key}${debian} ${release} main\n`,
    ...(security === undefined ? [] : [`deb ${key}${security} ${release}-security main\n`]),
  ]).join("");
}

/** Parses what apt-get prints with --print-uris: lines `'URI' NAME_VERSION_ARCHITECTURE.deb SIZE HASH`. Pure. */
export function parseUris(text: string): Package[] {
  return Array.from(
    text.matchAll(/^'.*' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb /gm),
    ([, name = "", version = ""]) => ({ name, version: decodeURIComponent(version) }),
  );
}

/** Finds the kernel of a line in what apt-cache shows of the package that depends on the newest. Pure. */
export function findKernel(shown: string, line: KernelLine): Package | undefined {
  const newest = shown.split("\n\n").find((stanza) => stanza.includes(`\nVersion: ${line}.`));
  const match = newest?.match(/^Depends: (linux-image-\S+) \(= ([^)]+)\)/m);
  const [, name, version] = match ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

async function hasKeyring(): Promise<boolean> {
  return await Deno.stat(KEYRING).then(() => true, () => false);
}
