/** Reads what a plan needs to know of this machine. Nothing here changes anything. */

import { RLIMIT } from "../../ffi/constants/process.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { readLinkStatus, readPathStatus } from "../../ffi/file.ts";
import { readLimit } from "../../ffi/process.ts";
import type { DeviceNode, HostImage, PathKind } from "./host_facts.ts";
import { readText } from "./read_text.ts";

const SYSTEM_DIRECTORIES = ["bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr"] as const;

/** What programs of a system need of /etc: names, libraries, certificates, the time zone. */
const ETC = [
  "alternatives",
  "ca-certificates",
  "group",
  "ld.so.cache",
  "localtime",
  "nsswitch.conf",
  "os-release",
  "passwd",
  "pki",
  "profile",
  "protocols",
  "services",
  "ssl",
  "terminfo",
] as const;

/** Reads whether a path is a directory or something else; undefined where nothing is. Follows links. */
export function readKind(path: string): PathKind | undefined {
  const status = readPathStatus(path);
  if (!status.ok) return undefined;
  return (status.value.mode & S_IF.S_IFMT) === S_IF.S_IFDIR ? "directory" : "file";
}

/** Reads the kinds of several paths; those that are not there are left out. */
export function readKinds(paths: Iterable<string>): Record<string, PathKind> {
  const kinds: Record<string, PathKind> = {};
  for (const path of paths) {
    const kind = readKind(path);
    if (kind !== undefined) kinds[path] = kind;
  }
  return kinds;
}

/** Reads which parts of this machine the image called host is made of. */
export function readHostImage(): HostImage {
  const links: { name: string; target: string }[] = [];
  const directories: string[] = [];
  for (const name of SYSTEM_DIRECTORIES) {
    const status = readLinkStatus(`/${name}`);
    // This system may do without.
    const type = status.ok ? status.value.mode & S_IF.S_IFMT : undefined;
    if (type === S_IF.S_IFLNK) links.push({ name, target: Deno.readLinkSync(`/${name}`) });
    else if (type === S_IF.S_IFDIR) directories.push(name);
  }
  const etc = ETC.flatMap((name) => {
    const kind = readKind(`/etc/${name}`);
    return kind === undefined ? [] : [{ name, kind }];
  });
  return { links, directories, etc };
}

/** Reads the paths that tell how hot each processor has been: they tell one container of another's work. */
export function readCpuThrottlePaths(): string[] {
  const directory = "/sys/devices/system/cpu";
  // All processors have it or none has: one look where there is nothing.
  if (readKind(`${directory}/cpu0/thermal_throttle`) === undefined) return [];
  return Array.from(Deno.readDirSync(directory), ({ name }) => name)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `${directory}/${name}/thermal_throttle`);
}

/** Reads the highest capability that the kernel knows. */
export function readLastCapability(): number {
  return Number(readText("/proc/sys/kernel/cap_last_cap")) || 40;
}

/** Source: proc_pid_status(5); 16 hexadecimal digits. */
const BOUNDING_SET = "\nCapBnd:";
const SET_DIGITS = 16;

/** Reads the numbers of this process's bounding set. */
export function readOwnCapabilities(): number[] {
  const status = readText("/proc/self/status");
  const at = status.indexOf(BOUNDING_SET);
  if (at < 0) return [];
  const digits = status.slice(at + BOUNDING_SET.length).trimStart().slice(0, SET_DIGITS);
  const found: number[] = [];
  // Digit by digit, from the end: a number has 53 bits, and a set has 64.
  for (let number = 0; number < digits.length * 4; number++) {
    const digit = Number.parseInt(digits[digits.length - 1 - (number >> 2)]!, 16);
    if ((digit >> (number & 3)) & 1) found.push(number);
  }
  return found;
}

/** Reads how far the limit of open files may go. */
export function readOpenFilesHard(): number {
  const limit = readLimit(RLIMIT.RLIMIT_NOFILE);
  return limit.ok ? Number(limit.value.hard) : 1024;
}

/** Other filesystems and terminals live under these names of /dev; they are not the host's to give. */
const NOT_DEVICES = new Set(["pts", "shm", "mqueue", "fd", "console", "ptmx", "hugepages"]);

/** Reads the device nodes below /dev, for a privileged container of root. */
export function readDevices(directory = "/dev", prefix = ""): DeviceNode[] {
  const found: DeviceNode[] = [];
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(directory)) {
    if (prefix === "" && NOT_DEVICES.has(name)) continue;
    if (isSymlink) continue;
    if (isDirectory) {
      found.push(...readDevices(`${directory}/${name}`, `${prefix}${name}/`));
      continue;
    }
    const { isBlockDevice, isCharDevice, rdev, mode } = Deno.lstatSync(`${directory}/${name}`);
    if (!isBlockDevice && !isCharDevice) continue;
    const { major, minor } = splitDevice(rdev ?? 0);
    found.push({
      name: prefix + name,
      isBlock: isBlockDevice === true,
      major,
      minor,
      modeOctal: (mode ?? 0) & 0o777,
    });
  }
  return found;
}

/** Takes a device number apart. Source: makedev(3), gnu_dev_major and gnu_dev_minor. */
export function splitDevice(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
