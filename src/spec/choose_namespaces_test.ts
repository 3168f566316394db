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
const OTHER = { id: "2b", pid: 88, hasUserNamespace: true };
const USERLESS = { ...JOINED, hasUserNamespace: false };

const JOINS = [
  { joined: { network: JOINED }, paths: { user: "/proc/77/ns/user", network: "/proc/77/ns/net" } },
  { joined: { pid: JOINED }, paths: { user: "/proc/77/ns/user", pid: "/proc/77/ns/pid" } },
  {
    joined: { ipc: JOINED, pid: OTHER },
    paths: { user: "/proc/88/ns/user", pid: "/proc/88/ns/pid", ipc: "/proc/77/ns/ipc" },
  },
] as const;

for (const { joined, paths } of JOINS) {
  const kinds = Object.keys(joined);
  Deno.test(`chooseNamespaces() joins ${kinds.join(" and ")} of other containers, and their users`, () => {
    const modes = Object.fromEntries(kinds.map((kind) => [kind, "container:web"]));
    const made = chooseNamespaces({ ...REQUEST, ...modes }, { isRoot: false, joined });
    deepEqual(
      Object.fromEntries(made.flatMap(({ type, path }) => path === undefined ? [] : [[type, path]])),
      paths,
    );
    deepEqual(made.length, 7);
  });
}

Deno.test("chooseNamespaces() joins the network alone with --userns=host", () => {
  const request = { ...REQUEST, network: "container:web", userns: "host" } as const;
  const made = chooseNamespaces(request, { isRoot: true, joined: { network: USERLESS } });
  deepEqual(made.filter(({ type }) => type === "user"), []);
  deepEqual(made.find(({ type }) => type === "network"), { type: "network", path: "/proc/77/ns/net" });
});

const UNFIT = [
  { change: { network: "container:web" }, joined: { network: USERLESS }, code: "unsupported" },
  { change: { ipc: "container:web" }, joined: { ipc: USERLESS }, code: "unsupported" },
  {
    change: { network: "container:web", nameServers: ["1.1.1.1"] },
    joined: { network: JOINED },
    code: "usage",
  },
  { change: { ipc: "container:web", shmSize: 1 }, joined: { ipc: JOINED }, code: "usage" },
] as const;

for (const { change, joined, code } of UNFIT) {
  Deno.test(`chooseNamespaces() refuses to join with ${JSON.stringify({ ...change, ...joined })}`, () => {
    const request = { ...REQUEST, ...change } as RunRequest;
    throws(() => chooseNamespaces(request, { isRoot: true, joined }), { code });
  });
}
