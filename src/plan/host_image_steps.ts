/** The image called host: a read-only view of this machine's system directories. Pure. */

import { MOUNT_ATTR, MOVE_MOUNT } from "../../ffi/constants/mount.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { call, slot } from "./operation.ts";
import { attach, makePlace, openTree, type PlanBuilder, ROOT, setAttributes } from "./plan_builder.ts";

const READ_ONLY = MOUNT_ATTR.MOUNT_ATTR_RDONLY | MOUNT_ATTR.MOUNT_ATTR_NOSUID | MOUNT_ATTR.MOUNT_ATTR_NODEV;

/** Directories of the container's own, with their modes. */
const PRIVATE_DIRECTORIES = [
  { name: "home", modeOctal: 0o755 },
  { name: "root", modeOctal: 0o700 },
  { name: "tmp", modeOctal: 0o1777 },
  { name: "var", modeOctal: 0o755 },
  { name: "var/tmp", modeOctal: 0o1777 },
  { name: "run", modeOctal: 0o755 },
  { name: "etc", modeOctal: 0o755 },
] as const;

/** Fills the empty root with links, system directories and what of /etc is needed. */
export function addHostImage(builder: PlanBuilder): void {
  const image = builder.host.hostImage;
  if (image === undefined) throw new TypeError("hostImage is missing");
  builder.add({
    label: "make the container's own directories",
    shell: `mkdir ${PRIVATE_DIRECTORIES.map(({ name }) => name).join(" ")}`,
    reason: "These start empty, so that nothing of yours is seen inside.",
    man: "mkdir(2)",
  }, PRIVATE_DIRECTORIES.map(({ name, modeOctal }) => call("mkdirat", [ROOT, name, modeOctal])));
  if (image.links.length > 0) {
    builder.add({
      label: "link the system directories",
      shell: image.links.map(({ name, target }) => `ln -s ${target} ${name}`).join("; "),
      reason: "The same links as on this machine, so that programs find each other.",
      man: "symlink(2)",
    }, image.links.map(({ name, target }) => call("symlinkat", [target, ROOT, name])));
  }
  for (const name of image.directories) {
    builder.add({
      label: `show /${name}`,
      shell: `mount --rbind -o ro,nosuid,nodev /${name} ${name}`,
      reason: "This machine's programs and libraries, which the container can read and not change.",
      man: "open_tree(2)",
    }, [
      openTree(`/${name}`, `host ${name}`),
      setAttributes(slot(`host ${name}`), { attributes: READ_ONLY }, true),
      ...makePlace(builder, name, `place ${name}`, { kind: "directory" }),
      attach(slot(`host ${name}`), slot(`place ${name}`)),
    ]);
  }
  for (const { name, kind } of image.etc) {
    const path = `etc/${name}`;
    builder.add({
      label: `show /${path}`,
      shell: `mount --bind -o ro /${path} ${path}`,
      reason: "Programs need this piece of the machine's configuration.",
      man: "open_tree(2)",
    }, [
      openTree(`/${path}`, `host ${path}`, { isRecursive: kind === "directory" }),
      setAttributes(slot(`host ${path}`), { attributes: READ_ONLY }, kind === "directory"),
      kind === "directory"
        ? call("mkdirat", [ROOT, path, 0o755])
        : call("mknodat", [ROOT, path, S_IF.S_IFREG | 0o644, 0]),
      call("move_mount", [slot(`host ${path}`), "", ROOT, path, MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH]),
    ]);
  }
}
