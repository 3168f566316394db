/** Tests of chooseNamespaces(): what is shared is not among those that are new. */

import { deepEqual, throws } from "node:assert/strict";
import { chooseNamespaces } from "./choose_namespaces.ts";
import type { RunRequest } from "./request.ts";

const REQUEST = { network: "none", privileged: false } as RunRequest;

const MAP = { text: "0:0", container: 0, host: 0, size: 1, isOfTheMachine: false };

const SHARED = [
  { change: {}, without: [] },
  { change: { pid: "private", ipc: "shareable", uts: "private" }, without: [] },
  { change: { pid: "host" }, without: ["pid"] },
  { change: { ipc: "host" }, without: ["ipc"] },
  { change: { ipc: "none" }, without: [] },
  { change: { uts: "host", network: "host" }, without: ["network", "uts"] },
  { change: { privileged: true }, without: ["user"] },
  { change: { privileged: true, gidMaps: [MAP] }, without: [] },
  { change: { userns: "private", uidMaps: [MAP] }, without: [] },
] as const;

for (const { change, without } of SHARED) {
  Deno.test(`chooseNamespaces() with ${JSON.stringify(change)} leaves out ${without.join(" and ") || "none"}`, () => {
    const all = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"];
    const made = chooseNamespaces({ ...REQUEST, ...change }, { isRoot: true }).map(({ type }) => type);
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
    throws(() => chooseNamespaces({ ...REQUEST, ...change }, { isRoot: false }), { code });
  });
}

for (const flag of ["uidMaps", "gidMaps"] as const) {
  Deno.test(`chooseNamespaces() refuses ${flag} where the ids are the machine's`, () => {
    const request = { ...REQUEST, userns: "host", [flag]: [MAP] } as const;
    const says = `Cannot use --${flag.slice(0, 3)}map with --userns=host: the ids would be the machine's`;
    throws(() => chooseNamespaces(request, { isRoot: true }), { code: "usage", message: says });
  });
}

const JOINED = { id: "1a", pid: 77, hasUserNamespace: true };

Deno.test("chooseNamespaces() joins network and users of another container", () => {
  const request = { ...REQUEST, network: "container:web" } as const;
  deepEqual(
    chooseNamespaces(request, { isRoot: false, joined: JOINED }).filter(({ path }) => path !== undefined),
    [
      { type: "user", path: "/proc/77/ns/user" },
      { type: "network", path: "/proc/77/ns/net" },
    ],
  );
});

Deno.test("chooseNamespaces() joins the network alone with --userns=host", () => {
  const request = { ...REQUEST, network: "container:web", userns: "host" } as const;
  const made = chooseNamespaces(request, { isRoot: true, joined: { ...JOINED, hasUserNamespace: false } });
  deepEqual(made.filter(({ type }) => type === "user"), []);
  deepEqual(made.find(({ type }) => type === "network"), { type: "network", path: "/proc/77/ns/net" });
});

const UNFIT = [
  { change: {}, joined: { ...JOINED, hasUserNamespace: false }, code: "unsupported" },
  { change: { nameServers: ["1.1.1.1"] }, joined: JOINED, code: "usage" },
] as const;

for (const { change, joined, code } of UNFIT) {
  Deno.test(`chooseNamespaces() refuses to join with ${JSON.stringify({ ...change, ...joined })}`, () => {
    const request = { ...REQUEST, network: "container:web", ...change } as RunRequest;
    throws(() => chooseNamespaces(request, { isRoot: true, joined }), { code });
  });
}
