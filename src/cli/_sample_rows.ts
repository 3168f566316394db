/** Four containers for the tests of lists, the newest first. */

import { ANNOTATION, type Mount, type Spec } from "../spec/types.ts";
import type { ContainerRow } from "./container_table.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When they are looked at: midnight of 1972-09-27. */
export const SAMPLES_MS = 1_000 * 24 * HOUR;
const NOW = SAMPLES_MS;

function specOf({ mounts = [], isHostNetwork = false }: {
  readonly mounts?: readonly Mount[];
  readonly isHostNetwork?: boolean;
}): Spec {
  const empty = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
  return {
    ociVersion: "1.2.0",
    process: { args: ["sh"], env: [], cwd: "/", capabilities: empty, rlimits: [], noNewPrivileges: false },
    root: { path: "host", readonly: false },
    mounts: [
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      { destination: "/sys", type: "bind", source: "/sys", options: ["rbind", "ro", "nosuid"] },
      engineFile("hosts"),
      ...mounts,
    ],
    linux: {
      namespaces: isHostNetwork ? [] : [{ type: "network" }],
      maskedPaths: [],
      readonlyPaths: [],
      devices: [],
      rootfsPropagation: "private",
    },
    annotations: { [ANNOTATION.root]: "host" },
  };
}

function engineFile(name: string): Mount {
  const source = `/var/lib/myctr/containers/${"b".repeat(64)}/${name}`;
  return { destination: `/etc/${name}`, type: "bind", source, options: ["rbind", "rprivate"] };
}

function bind(source: string, destination: string): Mount {
  return { destination, type: "bind", source, options: ["rbind", "rprivate"] };
}

const PLAIN = {
  labels: {},
  spec: () => specOf({}),
  size: () => ({ ownBytes: 0, hiddenCount: 0 }),
  zoneAt: () => ({ offsetSeconds: 0, name: "UTC" }),
} as const;

export const SAMPLE_ROWS: readonly ContainerRow[] = [
  {
    ...PLAIN,
    id: "d".repeat(64),
    name: "x",
    image: "/r",
    command: ["\n"],
    status: "created",
    createdMs: NOW - 5 * SECOND,
  },
  {
    id: "b".repeat(64),
    name: "web",
    image: "host",
    command: ["sh"],
    status: "running",
    createdMs: NOW - 70 * SECOND,
    startedMs: NOW - 69 * SECOND,
    labels: { tier: "front", a: "1" },
    spec: () => specOf({ mounts: [bind("/a/rather/long/path", "/data"), bind("/b", "/x")] }),
    size: () => ({ ownBytes: 1500, hiddenCount: 2 }),
    zoneAt: () => ({ offsetSeconds: -12_600, name: "NST" }),
  },
  {
    ...PLAIN,
    id: "c".repeat(64),
    name: "db",
    image: "host",
    command: ["sleep", "1000"],
    status: "paused",
    createdMs: NOW - 2 * HOUR,
    startedMs: NOW - 5 * MINUTE,
    labels: { tier: "back" },
  },
  {
    ...PLAIN,
    id: "a".repeat(64),
    name: "calm_fox",
    image: "host",
    command: ["sh", "-c", 'echo "a long command"'],
    status: "exited",
    exitCode: 3,
    createdMs: NOW - 3 * HOUR,
    startedMs: NOW - 3 * HOUR,
    finishedMs: NOW - 2 * MINUTE,
    spec: () => specOf({ isHostNetwork: true }),
    size: () => ({ ownBytes: 0, rootBytes: 7_400_000, hiddenCount: 0 }),
  },
];
