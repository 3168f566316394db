/** Tests of engineFiles(): the files that tell a container who and where it is. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { planCase } from "../../tests/golden/plan_cases.ts";
import type { Spec } from "../spec/types.ts";
import { engineFiles } from "./engine_files.ts";

const own = planCase("own", "rootless", { hostname: "box" }).spec;
const shared = planCase("shared", "rootless", { hostname: "box", network: "host" }).spec;
const { hostname: _, ...nameless } = own;

/** The words of each line that is no comment. */
function lines(text: string): string[][] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) =>
    line.split(/\s+/)
  );
}

const HOSTNAMES: readonly { readonly why: string; readonly spec: Spec; readonly text: string }[] = [
  { why: "with a network of its own", spec: own, text: "box\n" },
  { why: "with the host's network", spec: shared, text: "box\n" },
  { why: "without a name", spec: nameless, text: "\n" },
];

for (const { why, spec, text } of HOSTNAMES) {
  Deno.test(`engineFiles(): hostname ${why}`, () => {
    equal(engineFiles(spec).hostname, text);
  });
}

Deno.test("engineFiles() makes the three files, each to end in a line break or empty", () => {
  const files = engineFiles(own);
  deepEqual(Object.keys(files).sort(), ["hostname", "hosts", "resolv.conf"]);
  for (const text of Object.values(files)) match(text, /^$|\n$/);
});

Deno.test("engineFiles(): hosts knows localhost in both families, and the container", () => {
  const hosts = lines(engineFiles(own).hosts!);
  deepEqual(hosts.filter((words) => words.includes("localhost")).map(([address]) => address), [
    "127.0.0.1",
    "::1",
  ]);
  deepEqual(hosts.at(-1), ["127.0.0.1", "box"]);
});

Deno.test("engineFiles(): without a network no name server is asked", () => {
  equal(engineFiles(own)["resolv.conf"], "");
});

Deno.test("engineFiles(): with the host's network its own files are copied, and the container's name added", () => {
  const files = engineFiles(shared);
  const ours = Deno.readTextFileSync("/etc/hosts").trimEnd();
  ok(files.hosts!.startsWith(ours));
  deepEqual(lines(files.hosts!).at(-1), ["127.0.1.1", "box"]);
});

const ADDED = [{ names: ["db", "sql"], address: "192.0.2.7" }, { names: ["up"], address: "host-gateway" }];

Deno.test("engineFiles(): hosts begins with what was added, and knows the domain", () => {
  const change = { hostname: "box", domainname: "example.org", addedHosts: ADDED.slice(0, 1) };
  const hosts = lines(engineFiles(planCase("added", "rootless", change).spec).hosts!);
  deepEqual(hosts[0], ["192.0.2.7", "db", "sql"]);
  deepEqual(hosts.at(-1), ["127.0.0.1", "box.example.org", "box"]);
});

Deno.test("engineFiles(): with the host's network, host-gateway is its loopback address", () => {
  const { spec } = planCase("gateway", "rootless", { network: "host", addedHosts: ADDED });
  deepEqual(lines(engineFiles(spec).hosts!)[1], ["127.0.0.1", "up"]);
});

const ASKED = { nameServers: ["192.0.2.53", "2001:db8::53"], resolverOptions: ["ndots:2", "rotate"] };

Deno.test("engineFiles(): resolv.conf without a network has what was asked for and nothing else", () => {
  const { spec } = planCase("asked", "rootless", { ...ASKED, searchDomains: ["a.example", "b.example"] });
  equal(
    engineFiles(spec)["resolv.conf"],
    "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\noptions ndots:2 rotate\n",
  );
});

Deno.test("engineFiles(): with the host's network, lines of each kind that was asked for are replaced", () => {
  const { spec } = planCase("asked", "rootless", { ...ASKED, network: "host", searchDomains: ["."] });
  const found = lines(engineFiles(spec)["resolv.conf"]!);
  const words = (word: string) =>
    found.filter(([first]) => first === word).map(([, ...rest]) => rest.join(" "));
  deepEqual(words("nameserver"), ["192.0.2.53", "2001:db8::53"]);
  deepEqual(words("options"), ["ndots:2 rotate"]);
  deepEqual([...words("search"), ...words("domain")], []);
});
