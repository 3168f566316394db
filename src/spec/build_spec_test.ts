/** Tests of buildSpec(): one row for each flag, and what holds for every request. */

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { REQUEST } from "../../tests/golden/plan_cases.ts";
import { buildSpec, type SpecFacts } from "./build_spec.ts";
import { CAPABILITIES, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { isAtOrBelow, pathDepth } from "./clean_path.ts";
import type { RunRequest } from "./request.ts";
import { ANNOTATION, type Mount, type Spec } from "./types.ts";

const ID = "0123456789abcdef".repeat(4);
const FACTS: SpecFacts = {
  id: ID,
  callerEnv: { COPIED: "here", EMPTY: "" },
  envFiles: [],
  cwd: "/work/dir",
  home: "/home/me",
  containerDirectory: "/state/containers/x",
  isRoot: false,
  rootDirectory: undefined,
};
const { image: _image, ...WITHOUT_IMAGE } = REQUEST;

function build(change: Partial<RunRequest> = {}, facts: Partial<SpecFacts> = {}): Spec {
  if (change.rootfs === undefined) return buildSpec({ ...REQUEST, ...change }, { ...FACTS, ...facts });
  return buildSpec({ ...WITHOUT_IMAGE, ...change }, { ...FACTS, rootDirectory: "/r", ...facts });
}

function bind(
  destination: string,
  source = "/srv",
  options: readonly string[] = ["rbind", "rprivate"],
): Mount {
  return { destination, type: "bind", source, options };
}

function mountAt(spec: Spec, destination: string): Mount | undefined {
  return spec.mounts.find((mount) => mount.destination === destination);
}

const DIRECTORY = { rootfs: { path: "r", overlay: false } };
const OVERLAY = { rootfs: { path: "r", overlay: true } };
const ID_LINE = { containerID: 0, hostID: 5, size: 2 };
const KINDS = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"];
const ENV = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=0123456789ab"];

interface Row {
  readonly name: string;
  readonly change?: Partial<RunRequest>;
  readonly facts?: Partial<SpecFacts>;
  readonly get: (spec: Spec) => unknown;
  readonly want: unknown;
}

const env = (spec: Spec) => spec.process.env;
const args = (spec: Spec) => spec.process.args;
const kinds = (spec: Spec) => spec.linux.namespaces.map(({ type }) => type);
const bounding = (spec: Spec) => spec.process.capabilities.bounding;
const annotation = (key: keyof typeof ANNOTATION) => (spec: Spec) => spec.annotations[ANNOTATION[key]];
const withoutKind = (...gone: readonly string[]) => KINDS.filter((kind) => !gone.includes(kind));

const ROWS: readonly Row[] = [
  { name: "PATH and HOSTNAME by default", get: env, want: ENV },
  {
    name: "-e wins over --env-file",
    change: { env: [{ name: "A", value: "1" }] },
    facts: { envFiles: [[{ name: "A", value: "0" }]] },
    get: env,
    want: [...ENV, "A=1"],
  },
  {
    name: "a bare name copies",
    change: { env: [{ name: "COPIED" }, { name: "EMPTY" }] },
    get: env,
    want: [...ENV, "COPIED=here", "EMPTY="],
  },
  {
    name: "a bare name the caller has not removes",
    change: { env: [{ name: "PATH" }] },
    get: env,
    want: ENV.slice(1),
  },
  {
    name: "a bare name of a file removes nothing",
    facts: { envFiles: [[{ name: "PATH" }]] },
    get: env,
    want: ENV,
  },
  {
    name: "a bare name is no property of Object",
    change: { env: [{ name: "constructor" }] },
    get: env,
    want: ENV,
  },
  {
    name: "HOME set by the user is noted",
    change: { env: [{ name: "HOME", value: "/h" }] },
    get: annotation("homeIsSet"),
    want: "true",
  },
  { name: "an empty HOME is none", change: { env: [{ name: "HOME", value: "" }] }, get: env, want: ENV },
  { name: "the command", change: { command: ["ls", "-la"] }, get: args, want: ["ls", "-la"] },
  { name: "the entrypoint goes before", change: { entrypoint: "/e" }, get: args, want: ["/e", "true"] },
  { name: "an empty entrypoint is none", change: { entrypoint: "" }, get: args, want: ["true"] },
  { name: "host runs a shell by default", change: { command: [] }, get: args, want: ["/bin/sh"] },
  { name: "the directory is / by default", get: (spec) => spec.process.cwd, want: "/" },
  {
    name: "-h",
    change: { hostname: "box" },
    get: (spec) => [spec.hostname, env(spec)[1]],
    want: ["box", "HOSTNAME=box"],
  },
  { name: "all namespaces", get: kinds, want: KINDS },
  { name: "--network host", change: { network: "host" }, get: kinds, want: withoutKind("network") },
  { name: "--privileged for others", change: { privileged: true }, get: kinds, want: KINDS },
  {
    name: "--privileged for root",
    change: { privileged: true },
    facts: { isRoot: true },
    get: kinds,
    want: withoutKind("user"),
  },
  {
    name: "--privileged --userns=private for root",
    change: { privileged: true, userns: "private" },
    facts: { isRoot: true },
    get: kinds,
    want: KINDS,
  },
  {
    name: "--userns=host for root",
    change: { userns: "host" },
    facts: { isRoot: true },
    get: kinds,
    want: withoutKind("user"),
  },
  {
    name: "--uidmap",
    facts: { idMap: { uids: [ID_LINE], gids: [{ ...ID_LINE, size: 3 }] } },
    get: ({ linux }) => [linux.uidMappings, linux.gidMappings],
    want: [[ID_LINE], [{ ...ID_LINE, size: 3 }]],
  },
  { name: "no map of ids", get: ({ linux }) => "uidMappings" in linux, want: false },
  { name: "eleven capabilities", get: bounding, want: DEFAULT_CAPABILITIES },
  { name: "--privileged has all", change: { privileged: true }, get: bounding, want: CAPABILITIES },
  {
    name: "--privileged heeds --cap-drop",
    change: { privileged: true, capDrop: ["CAP_SYS_ADMIN"] },
    get: (spec) => bounding(spec).includes("CAP_SYS_ADMIN"),
    want: false,
  },
  { name: "--cap-drop ALL", change: { capDrop: ["ALL"] }, get: bounding, want: [] },
  {
    name: "--cap-drop ALL --cap-add",
    change: { capDrop: ["ALL"], capAdd: ["CAP_KILL", "CAP_CHOWN"] },
    get: bounding,
    want: ["CAP_CHOWN", "CAP_KILL"],
  },
  {
    name: "--cap-add ALL --cap-drop",
    change: { capAdd: ["ALL"], capDrop: ["CAP_BPF"] },
    get: bounding,
    want: CAPABILITIES.filter((name) => name !== "CAP_BPF"),
  },
  {
    name: "what was added is noted",
    change: { capAdd: ["CAP_SYS_TIME", "CAP_NET_RAW"] },
    get: annotation("addedCapabilities"),
    want: "CAP_NET_RAW,CAP_SYS_TIME",
  },
  { name: "sysfs read-only", get: (spec) => mountAt(spec, "/sys")?.options.includes("ro"), want: true },
  {
    name: "--privileged: /sys and cgroup are writable",
    change: { privileged: true },
    get: (spec) => ["/sys", "/sys/fs/cgroup"].map((path) => mountAt(spec, path)?.options.includes("rw")),
    want: [true, true],
  },
  {
    name: "--network host in a user namespace binds /sys",
    change: { network: "host" },
    get: (spec) => [mountAt(spec, "/sys"), mountAt(spec, "/sys/fs/cgroup")],
    want: [bind("/sys", "/sys", ["rbind", "ro", "nosuid", "nodev", "noexec"]), undefined],
  },
  {
    name: "--network host without one does not",
    change: { network: "host", userns: "host" },
    facts: { isRoot: true },
    get: (spec) => mountAt(spec, "/sys")?.type,
    want: "sysfs",
  },
  {
    name: "engine files",
    get: (spec) => mountAt(spec, "/etc/hosts"),
    want: bind("/etc/hosts", "/state/containers/x/hosts"),
  },
  {
    name: "--read-only holds for engine files",
    change: { readOnly: true },
    get: (spec) => [spec.root.readonly, mountAt(spec, "/etc/hosts")?.options.includes("ro")],
    want: [true, true],
  },
  {
    name: "the user's mounts come last, the deeper later",
    change: { mounts: [bind("/a/b/c"), bind("/z"), bind("/a/b")] },
    get: (spec) => spec.mounts.slice(-3).map(({ destination }) => destination),
    want: ["/z", "/a/b", "/a/b/c"],
  },
  {
    name: "sources become absolute",
    change: { mounts: [bind("/a", "./x/../y"), bind("/b", "~/z"), bind("/c", "~")] },
    get: (spec) => spec.mounts.slice(-3).map(({ source }) => source),
    want: ["/work/dir/y", "/home/me/z", "/home/me"],
  },
  {
    name: "a user's /etc hides engine files",
    change: { mounts: [bind("/etc")] },
    get: (spec) => mountAt(spec, "/etc/hosts"),
    want: undefined,
  },
  {
    name: "a user's /dev has its own devices",
    change: { mounts: [bind("/dev")] },
    get: (spec) => [spec.linux.devices, mountAt(spec, "/dev/pts")],
    want: [[], undefined],
  },
  {
    name: "shared propagation",
    change: { mounts: [bind("/a", "/a", ["rbind", "rshared"])] },
    get: (spec) => spec.linux.rootfsPropagation,
    want: "shared",
  },
  {
    name: "--privileged masks nothing",
    change: { privileged: true },
    get: ({ linux }) => [linux.maskedPaths, linux.readonlyPaths],
    want: [[], []],
  },
  {
    name: "image host",
    get: (spec) => [spec.root, annotation("root")(spec)],
    want: [{ path: "host", readonly: false }, "host"],
  },
  {
    name: "--rootfs DIR",
    change: DIRECTORY,
    get: (spec) => [spec.root.path, annotation("root")(spec)],
    want: ["/r", "directory"],
  },
  { name: "--rootfs DIR:O", change: OVERLAY, get: annotation("root"), want: "overlay" },
  {
    name: "--rootfs-tmpfs",
    change: { ...OVERLAY, rootfsTmpfs: true },
    get: annotation("root"),
    want: "overlay-tmpfs",
  },
  { name: "-u as typed", change: { user: "bob:7" }, get: annotation("user"), want: "bob:7" },
  { name: "-i", change: { interactive: true }, get: annotation("interactive"), want: "true" },
  {
    name: "no flag, two annotations",
    get: (spec) => spec.annotations,
    want: { [ANNOTATION.root]: "host", [ANNOTATION.seccomp]: "default" },
  },
];

for (const { name, change, facts, get, want } of ROWS) {
  Deno.test(`buildSpec() ${name}`, () => {
    deepEqual(get(build(change, facts)), want);
  });
}

const BAD: readonly { name: string; change: Partial<RunRequest>; code: string; hint?: RegExp }[] = [
  { name: "no command with --rootfs", change: { ...DIRECTORY, command: [] }, code: "usage" },
  { name: "--rootfs-tmpfs without :O", change: { ...DIRECTORY, rootfsTmpfs: true }, code: "usage" },
  { name: "--rootfs-tmpfs with an image", change: { rootfsTmpfs: true }, code: "usage" },
  { name: "--userns=host for others", change: { userns: "host" }, code: "unsupported", hint: /root/ },
  { name: "two mounts in one place", change: { mounts: [bind("/a"), bind("/a")] }, code: "usage" },
  { name: "a relative directory", change: { workdir: "tmp" }, code: "usage" },
  {
    name: "a name added and dropped",
    change: { capAdd: ["CAP_KILL"], capDrop: ["CAP_KILL"] },
    code: "usage",
  },
  { name: "ALL added and dropped", change: { capAdd: ["ALL"], capDrop: ["ALL"] }, code: "usage" },
];

for (const { name, change, code, hint = /./ } of BAD) {
  Deno.test(`buildSpec() rejects ${name}`, () => {
    throws(() => build(change), { code, hint });
  });
}

/** Every case above that gives a specification, and every pair of flags. */
function* everySpec(): Iterable<Spec> {
  const changes = ROWS.map(({ change = {} }) => change);
  for (const isRoot of [true, false]) {
    for (const first of changes) {
      for (const second of changes) {
        const both = { ...first, ...second };
        if (both.rootfsTmpfs && !both.rootfs?.overlay || both.userns === "host" && !isRoot) continue;
        if (both.capAdd?.some((name) => both.capDrop?.includes(name))) continue;
        yield build({ ...both, command: ["x"] }, { isRoot });
      }
    }
  }
}

const INVARIANTS: readonly { name: string; holds: (spec: Spec) => boolean }[] = [
  {
    name: "each destination is there once",
    holds: ({ mounts }) => isUnique(mounts.map((m) => m.destination)),
  },
  { name: "each name of the environment is there once", holds: (spec) => isUnique(env(spec).map(nameOf)) },
  { name: "no mount hides an earlier one", holds: ({ mounts }) => !mounts.some(hidesEarlier) },
  { name: "no mount is the root", holds: ({ mounts }) => mounts.every((m) => pathDepth(m.destination) > 0) },
  {
    name: "each bind is absolute on both sides",
    holds: ({ mounts }) =>
      mounts.every((m) => m.destination.startsWith("/") && (m.type !== "bind" || m.source.startsWith("/"))),
  },
  {
    name: "effective, permitted and bounding are one set",
    holds: ({ process: { capabilities: { bounding, effective, permitted } } }) =>
      bounding === effective && bounding === permitted,
  },
  { name: "capabilities are in order of number", holds: (spec) => isOrdered(bounding(spec)) },
  {
    name: "an inherited or ambient capability is never given",
    holds: ({ process: { capabilities: { inheritable, ambient } } }) =>
      inheritable.length + ambient.length === 0,
  },
  {
    name: "pid, mount, ipc, uts and cgroup are always new",
    holds: (spec) =>
      ["pid", "mount", "ipc", "uts", "cgroup"].every((kind) => kinds(spec).some((k) => k === kind)),
  },
  {
    name: "masks are there unless privileged",
    holds: ({ linux, annotations }) =>
      annotations[ANNOTATION.privileged] === "true" || linux.maskedPaths.length > 0,
  },
  {
    name: "no path is both masked and read-only",
    holds: ({ linux: l }) => isUnique([...l.maskedPaths, ...l.readonlyPaths]),
  },
];

for (const { name, holds } of INVARIANTS) {
  Deno.test(`buildSpec() always: ${name}`, () => {
    let count = 0;
    for (const spec of everySpec()) {
      ok(holds(spec), JSON.stringify(spec));
      count++;
    }
    ok(count > 1000);
  });
}

function isUnique(words: readonly string[]): boolean {
  return new Set(words).size === words.length;
}

function nameOf(setting: string): string {
  return setting.slice(0, setting.indexOf("="));
}

function hidesEarlier({ destination }: Mount, index: number, mounts: readonly Mount[]): boolean {
  return mounts.slice(0, index).some((earlier) => isAtOrBelow(earlier.destination, destination));
}

function isOrdered(names: readonly string[]): boolean {
  const numbers = names.map((name) => CAPABILITIES.findIndex((known) => known === name));
  return numbers.every((number, index) => number > (numbers[index - 1] ?? -1));
}

Deno.test("buildSpec() does not change what it is given", () => {
  const before = JSON.stringify([REQUEST, FACTS]);
  build({ mounts: [bind("/b/c"), bind("/a")] });
  equal(JSON.stringify([REQUEST, FACTS]), before);
});
