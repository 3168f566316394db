/** What a test may need of the machine, how to see whether it is there, and which Debian packages bring it. */

/** One thing that is there or not. */
export interface Need {
  /** What it is for, in a few words. */
  readonly why: string;
  /** The Debian packages that bring it; without any, `setup` can't bring it, or does so itself. */
  readonly packages: readonly string[];
  isPresent(): boolean;
}

/** The user that stands for everybody who isn't root. */
export const ORDINARY_USER = "myctr-test";

/** Each need by the name that tests and MYCTR_MUST_HAVE use. */
export const NEEDS = {
  root: { why: "the rootful half of the kernel tests", packages: [], isPresent: () => Deno.uid() === 0 },
  userns: { why: "containers of ordinary users", packages: [], isPresent: allowsUserNamespaces },
  tester: {
    why: `the rootless half: ${ORDINARY_USER}, with subordinate ids`,
    packages: [],
    isPresent: hasTester,
  },
  uidmap: {
    why: "id ranges for rootless containers",
    packages: ["uidmap"],
    isPresent: hasPrograms("newuidmap"),
  },
  busybox: {
    why: "a root file system of one file",
    packages: ["busybox-static"],
    isPresent: hasPrograms("busybox"),
  },
  executable: {
    why: "what only the one executable does: MYCTR_BIN names it, after deno task build",
    packages: [],
    isPresent: () => Deno.env.get("MYCTR_BIN") !== undefined,
  },
  strace: {
    why: "plans compared with what is called",
    packages: ["strace"],
    isPresent: hasPrograms("strace"),
  },
  gcc: { why: "layouts and prototypes", packages: ["gcc", "libc6-dev"], isPresent: hasPrograms("gcc") },
  binutils: {
    why: "machine code compared",
    packages: ["binutils"],
    isPresent: hasPrograms("as", "objcopy", "objdump"),
  },
  qemu: {
    why: "the aarch64 program",
    packages: ["qemu-user-static"],
    isPresent: hasPrograms("qemu-aarch64-static"),
  },
  vm: {
    why: "other kernels and set-ups, in virtual machines",
    packages: ["qemu-system-x86", "kmod", "e2fsprogs", "xz-utils", "util-linux"],
    isPresent: hasPrograms(
      "qemu-system-x86_64",
      "depmod",
      "mkfs.ext4",
      "xz",
      "setpriv",
      "apt-get",
      "dpkg-deb",
    ),
  },
  aarch64_binutils: {
    why: "the aarch64 machine code compared",
    packages: ["binutils-aarch64-linux-gnu"],
    isPresent: hasPrograms("aarch64-linux-gnu-as"),
  },
  podman: { why: "reference and benchmark", packages: ["podman"], isPresent: hasPrograms("podman") },
  runc: { why: "benchmark", packages: ["runc"], isPresent: hasPrograms("runc") },
  crun: { why: "reference and benchmark", packages: ["crun"], isPresent: hasPrograms("crun") },
  bubblewrap: { why: "benchmark", packages: ["bubblewrap"], isPresent: hasPrograms("bwrap") },
  attr: { why: "extended attributes", packages: ["attr"], isPresent: hasPrograms("getfattr", "setfattr") },
  systemd_analyze: {
    why: "units of systemd",
    packages: ["systemd"],
    isPresent: hasPrograms("systemd-analyze"),
  },
  capsh: { why: "capabilities", packages: ["libcap2-bin"], isPresent: hasPrograms("capsh") },
  setpriv: {
    why: "running as another user",
    packages: ["util-linux"],
    isPresent: hasPrograms("setpriv", "unshare"),
  },
  bash: { why: "completion", packages: ["bash", "bash-completion"], isPresent: hasPrograms("bash") },
  zsh: { why: "completion, and shells on a terminal", packages: ["zsh"], isPresent: hasPrograms("zsh") },
  fish: { why: "completion", packages: ["fish"], isPresent: hasPrograms("fish") },
  tar: {
    why: "archives of images",
    packages: ["tar", "gzip", "zstd", "xz-utils", "python3"],
    isPresent: hasPrograms("tar", "gzip", "zstd", "xz", "python3"),
  },
  skopeo: {
    why: "archives and layouts of images compared",
    packages: ["skopeo"],
    isPresent: hasPrograms("skopeo"),
  },
  mmdebstrap: {
    why: "images of Debian, and of what is made of its packages",
    packages: ["mmdebstrap"],
    isPresent: hasPrograms("mmdebstrap"),
  },
  musl: {
    why: "images with Alpine's C library",
    packages: ["musl-tools"],
    isPresent: hasPrograms("musl-gcc"),
  },
  docker_registry: {
    why: "images pulled from a registry, and pushed to it",
    packages: ["docker-registry"],
    isPresent: hasPrograms("docker-registry"),
  },
  network: {
    why: "images of docker.io; set MYCTR_NETWORK=1 where it can be reached",
    packages: [],
    isPresent: () => Deno.env.get("MYCTR_NETWORK") === "1",
  },
  pasta: { why: "networks of ordinary users", packages: ["passt"], isPresent: hasPrograms("pasta") },
  slirp4netns: {
    why: "networks of ordinary users, where pasta is not",
    packages: ["slirp4netns"],
    isPresent: hasPrograms("slirp4netns"),
  },
  ip: { why: "network namespaces seen from outside", packages: ["iproute2"], isPresent: hasPrograms("ip") },
  libseccomp: {
    why: "seccomp filters compared",
    packages: ["python3-seccomp"],
    isPresent: () => hasFile("/usr/lib/python3/dist-packages", /^seccomp\..*\.so$/),
  },
  arm_headers: {
    why: "numbers of system calls on Arm",
    packages: ["linux-libc-dev-arm64-cross", "linux-libc-dev-armhf-cross"],
    isPresent: () =>
      ["aarch64-linux-gnu", "arm-linux-gnueabihf"].every((triplet) =>
        hasFile(`/usr/${triplet}/include/asm`, /^unistd\.h$/)
      ),
  },
} as const satisfies Readonly<Record<string, Need>>;

/** The name of a need. */
export type NeedName = keyof typeof NEEDS;

/** Whether a name, such as a word of MYCTR_MUST_HAVE, is one of the needs. */
export function isNeedName(name: string): name is NeedName {
  return Object.hasOwn(NEEDS, name);
}

/** A line of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Finds an account by name in the text of /etc/passwd. */
export function findAccount(passwd: string, name: string): Account | undefined {
  const fields = passwd.split("\n").map((line) => line.split(":")).find((each) => each[0] === name);
  if (fields === undefined) return undefined;
  const [, , uid, gid, , home = "/"] = fields;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/** Whether a text in the form of subuid(5) gives the user at least 65,536 ids in one range. */
export function hasIdRange(text: string, name: string): boolean {
  return text.split("\n").map((line) => line.split(":"))
    .some(([owner, , count]) => owner === name && Number(count) >= 65536);
}

/** Reads a text file, "" if there is none. */
export function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function hasTester(): boolean {
  return findAccount(readIfThere("/etc/passwd"), ORDINARY_USER) !== undefined &&
    ["/etc/subuid", "/etc/subgid"].every((path) => hasIdRange(readIfThere(path), ORDINARY_USER));
}

/** The first is a limit of the kernel, the others are Debian's and Ubuntu's switches. */
function allowsUserNamespaces(): boolean {
  return Number(readIfThere("/proc/sys/user/max_user_namespaces")) > 0 &&
    readIfThere("/proc/sys/kernel/unprivileged_userns_clone").trim() !== "0" &&
    readIfThere("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").trim() !== "1";
}

function hasFile(folder: string, name: RegExp): boolean {
  try {
    return [...Deno.readDirSync(folder)].some((entry) => name.test(entry.name));
  } catch {
    return false;
  }
}

function hasPrograms(...names: string[]): () => boolean {
  return () => names.every(isOnPath);
}

/** The sbin directories are not on the path of an ordinary user, but the programs in them can be named in full. */
function isOnPath(name: string): boolean {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}
