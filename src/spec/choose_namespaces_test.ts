/** Tests of chooseNamespaces(): what is shared is not among those that are new. */

import { deepEqual, throws } from "node:assert/strict";
import { chooseNamespaces } from "./choose_namespaces.ts";
import type { RunRequest } from "./request.ts";

const REQUEST = { network: "none", privileged: false } as RunRequest;

const SHARED = [
  { change: {}, without: [] },
  { change: { pid: "private", ipc: "shareable", uts: "private" }, without: [] },
  { change: { pid: "host" }, without: ["pid"] },
  { change: { ipc: "host" }, without: ["ipc"] },
  { change: { ipc: "none" }, without: [] },
  { change: { uts: "host", network: "host" }, without: ["network", "uts"] },
  { change: { privileged: true }, without: ["user"] },
] as const;

for (const { change, without } of SHARED) {
  Deno.test(`chooseNamespaces() with ${JSON.stringify(change)} leaves out ${without.join(" and ") || "none"}`, () => {
    const all = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"];
    const made = chooseNamespaces({ ...REQUEST, ...change }, true);
    deepEqual(made, all.filter((kind) => !without.some((each) => each === kind)));
  });
}

const BAD = [
  { change: { uts: "host", hostname: "box" }, code: "usage" },
  { change: { uts: "host", domainname: "example" }, code: "usage" },
  { change: { ipc: "host", shmSize: 1 }, code: "usage" },
  { change: { ipc: "none", shmSize: 1 }, code: "usage" },
  { change: { userns: "host" }, code: "unsupported" },
] as const;

for (const { change, code } of BAD) {
  Deno.test(`chooseNamespaces() refuses ${JSON.stringify(change)} to an ordinary user`, () => {
    throws(() => chooseNamespaces({ ...REQUEST, ...change }, false), { code });
  });
}
