/** Device files: the few that every container has, those of the machine with --privileged, those of --device. Pure. */

import { S_IF } from "../../ffi/constants/open.ts";
import type { AddedDevice, DeviceNode } from "../host/host_facts.ts";
import { isAtOrBelow } from "../spec/clean_path.ts";
import { type Argument, type Call, call, slot } from "./operation.ts";
import { attach, makePlace, openInRoot, openTree, type PlanBuilder, relative } from "./plan_builder.ts";
import { shellWord } from "./shell_word.ts";
import { hasOwnDevices } from "./terminal_steps.ts";

const DEV_LINKS = [
  { name: "fd", target: "/proc/self/fd" },
  { name: "stdin", target: "/proc/self/fd/0" },
  { name: "stdout", target: "/proc/self/fd/1" },
  { name: "stderr", target: "/proc/self/fd/2" },
  { name: "core", target: "/proc/kcore" },
  { name: "ptmx", target: "pts/ptmx" },
] as const;

/** Fills the container's own /dev, which has just been mounted. */
export function addDevices(builder: PlanBuilder): void {
  const dev = builder.name("dev");
  const opened = openInRoot("/dev", dev, { isDirectory: true, refuseLinks: true });
  const names = builder.spec.linux.devices.filter(({ source }) => source === undefined)
    .map(({ path }) => below(path));
  const isReal = hasAllDevices(builder);
  builder.add({
    label: "make the devices",
    shell: isReal
      ? "mknod -m 666 dev/null c 1 3"
      : names.map((name) => `mount --bind /dev/${name} dev/${name}`).join("; "),
    reason: isReal
      ? "A privileged container has the devices of the machine, and reaches its hardware by them."
      : "Programs expect these few; none of them reaches hardware.",
    man: isReal ? "mknod(2)" : "open_tree(2)",
  }, [
    opened,
    ...(isReal
      ? builder.host.devices.flatMap((node) => madeDevice(dev, node))
      : names.flatMap((name) => boundDevice(builder, { dev, name, source: `/dev/${name}` }))),
  ]);
  builder.add({
    label: "link the streams into /dev",
    shell: DEV_LINKS.map(({ name, target }) => `ln -s ${target} dev/${name}`).join("; "),
    reason: "Programs open these names to reach their own streams and terminals.",
    man: "symlink(2)",
  }, DEV_LINKS.map(({ name, target }) => call("symlinkat", [target, slot(dev), name])));
  for (const device of builder.host.addedDevices ?? []) {
    if (isAtOrBelow(device.path, "/dev")) addOwnDevice(builder, device, dev);
  }
  if (builder.hasTerminal && hasOwnDevices(builder)) addConsolePlace(builder, dev);
}

/** Where the machine's own console is to be there, the terminal goes over it. */
function addConsolePlace(builder: PlanBuilder, dev: string): void {
  const { devices, addedDevices = [] } = builder.host;
  const isReal = hasAllDevices(builder) && devices.some(({ name }) => name === "console");
  if (isReal || addedDevices.some(({ path }) => path === "/dev/console")) return;
  builder.add({
    label: "make a place for the console",
    shell: "touch dev/console",
    reason: "The container's terminal will be seen there too.",
    man: "mknod(2)",
  }, [call("mknodat", [slot(dev), "console", S_IF.S_IFREG | 0o600, 0])]);
}

/** Devices at paths outside of a /dev of the container's own. */
export function addOtherDevices(builder: PlanBuilder): void {
  const hasDev = builder.spec.mounts.some(({ destination, type }) =>
    destination === "/dev" && type === "tmpfs"
  );
  for (const { source, path } of builder.host.addedDevices ?? []) {
    if (hasDev && isAtOrBelow(path, "/dev")) continue;
    const tree = builder.name("device");
    const place = builder.name("place");
    builder.add({ ...aboutDevice(path), shell: bindOf(source, path), man: "open_tree(2)" }, [
      openTree(source, tree, { isRecursive: false }),
      ...makePlace(builder, path, place, { kind: "file" }),
      attach(slot(tree), slot(place)),
    ]);
  }
}

/** A device at a path of /dev: made, where a device can be made, else the host's own node. */
function addOwnDevice(builder: PlanBuilder, device: AddedDevice, dev: string): void {
  const { source, path, node } = device;
  const name = below(path);
  const isKnown = hasAllDevices(builder) && builder.host.devices.some((each) => each.name === name);
  if (isKnown) return;
  const kind = node.isBlock ? "b" : "c";
  builder.add(
    builder.hasUserNamespace ? { ...aboutDevice(path), shell: bindOf(source, path), man: "open_tree(2)" } : {
      ...aboutDevice(path),
      shell: `mknod ${shellWord(relative(path))} ${kind} ${node.major} ${node.minor}`,
      man: "mknod(2)",
    },
    builder.hasUserNamespace
      ? [...parentsOf(dev, name), ...boundDevice(builder, { dev, name, source })]
      : madeDevice(dev, { ...node, name }),
  );
}

function hasAllDevices(builder: PlanBuilder): boolean {
  return builder.isPrivileged && !builder.hasUserNamespace;
}

function aboutDevice(path: string): { label: string; reason: string } {
  return { label: `give the device ${path}`, reason: "You asked for this device of the machine." };
}

function bindOf(source: string, path: string): string {
  return `mount --bind ${shellWord(source)} ${shellWord(relative(path))}`;
}

/** A path of /dev, as a name in it. */
function below(path: string): string {
  return relative(path).replace(/^dev\//, "");
}

/** In a user namespace no device can be made: the host's own node is shown instead. */
function boundDevice(
  builder: PlanBuilder,
  { dev, name, source }: { readonly dev: string; readonly name: string; readonly source: string },
): Call[] {
  const tree = builder.name("device");
  const place = builder.name("place");
  return [
    openTree(source, tree, { isRecursive: false }),
    call("mknodat", [slot(dev), name, S_IF.S_IFREG | 0o666, 0]),
    openInRoot(`dev/${name}`, place, { refuseLinks: true }),
    attach(slot(tree), slot(place)),
  ];
}

/** Source of the number: makedev(3), the coding of 32 bits. */
function madeDevice(dev: string, { name, isBlock, major, minor, modeOctal }: DeviceNode): Call[] {
  const number = (major << 8) | (minor & 0xff) | ((minor & ~0xff) << 12);
  const kind: Argument = (isBlock ? S_IF.S_IFBLK : S_IF.S_IFCHR) | modeOctal;
  return [...parentsOf(dev, name), call("mknodat", [slot(dev), name, kind, number])];
}

function parentsOf(dev: string, name: string): Call[] {
  const parents = name.split("/").slice(0, -1).map((_, index, all) => all.slice(0, index + 1).join("/"));
  return parents.map((parent) => call("mkdirat", [slot(dev), parent, 0o755], { failure: "ignore" }));
}
