/** What there is to hide at the paths that `--security-opt mask` names outside of /proc and /sys. */

import { openInRoot, openPath, readStatus } from "../../ffi/file.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import type { HostImage, PathKind } from "../host/host_facts.ts";
import { isAtOrBelow } from "../spec/clean_path.ts";
import { ANNOTATION, type Mount, type Spec } from "../spec/types.ts";

/** Directories of the image called host that start empty. */
const EMPTY = ["/home", "/root", "/run", "/tmp", "/var", "/var/tmp"];

/**
 * Reads the kinds of the named paths, as the container will have them.
 *
 * @throws {CtrError} code "not_found": a path that shall be hidden and is mistyped must not go unnoticed
 */
export function readMaskedKinds(spec: Spec, image: HostImage | undefined): Record<string, PathKind> {
  const kinds: Record<string, PathKind> = {};
  for (const path of spec.linux.maskedPaths) {
    // The kernel's own file systems differ from machine to machine: there a path may be missing.
    if (isAtOrBelow(path, "/proc") || isAtOrBelow(path, "/sys")) continue;
    const kind = kindAt(path, spec, image);
    if (kind === undefined) {
      throw new CtrError("not_found", `Cannot hide ${JSON.stringify(path)}: the container has no such path`, {
        hint: "Check the path behind --security-opt mask",
      });
    }
    kinds[path] = kind;
  }
  return kinds;
}

function kindAt(path: string, spec: Spec, image: HostImage | undefined): PathKind | undefined {
  const mount = spec.mounts.findLast(({ destination }) => isAtOrBelow(path, destination));
  if (mount !== undefined) return kindInMount(path, mount, spec);
  if (spec.annotations[ANNOTATION.root] !== "host") return kindInDirectory(spec.root.path, path);
  if (EMPTY.includes(path)) return "directory";
  const isShown = image!.directories.some((name) => isAtOrBelow(path, `/${name}`)) ||
    image!.links.some(({ name }) => isAtOrBelow(path, `/${name}`)) ||
    image!.etc.some(({ name }) => isAtOrBelow(path, `/etc/${name}`));
  return path === "/etc" ? "directory" : isShown ? kindInDirectory("/", path) : undefined;
}

function kindInMount(
  path: string,
  { destination, type, source }: Mount,
  spec: Spec,
): PathKind | undefined {
  // An engine file is not written yet; its own mount is what its path leads to.
  const isEngineFile = type === "bind" && destination === path && destination.startsWith("/etc/");
  if (isEngineFile) return "file";
  if (type === "bind") {
    return kindInDirectory(source, path === destination ? "." : path.slice(destination.length));
  }
  if (path === destination) return "directory";
  return spec.linux.devices.some((device) => device.path === path) ? "file" : undefined;
}

/** Links are followed as the container will follow them: inside. */
function kindInDirectory(directory: string, path: string): PathKind | undefined {
  const flags = O.O_PATH;
  using root = unwrap(openPath(directory, { flags }), `open ${directory}`);
  if (path === ".") return kindOf(root.number);
  const opened = openInRoot(path.replace(/^\/+/, ""), { dirfd: root.number, flags });
  if (!opened.ok) return undefined;
  using fd = opened.value;
  return kindOf(fd.number);
}

function kindOf(fd: number): PathKind | undefined {
  const status = readStatus(fd);
  if (!status.ok) return undefined;
  return (status.value.mode & S_IF.S_IFMT) === S_IF.S_IFDIR ? "directory" : "file";
}
