import { deepEqual, equal, match } from "node:assert/strict";
import type { Info } from "../doctor/read_info.ts";
import { infoCommand } from "./info.ts";

const INFO: Info = {
  denoVersion: "2.9.6",
  operatingSystem: "Debian GNU/Linux 12",
  kernel: "6.1.0",
  architecture: "x86_64",
  cpus: 2,
  memoryBytes: 2 ** 32,
  hostname: "box",
  stateRoot: "/var/lib/myctr",
  storage: { filesystem: "ext4", availableBytes: 2 ** 30 },
  containers: { total: 3, running: 1, created: 0, exited: 2 },
  cgroup: { version: "v2", controllers: ["cpu", "memory"] },
  isRootless: false,
  idMap: "range",
  security: ["seccomp"],
};

async function printed(...argv: readonly string[]): Promise<string> {
  let text = "";
  const session = { isDebug: false, print: (more: string) => text += more, warn: () => {} };
  equal(await infoCommand(() => Promise.resolve(INFO)).run(argv, session), 0);
  return text;
}

Deno.test("info prints a name and a value on each line", async () => {
  const lines = (await printed()).trimEnd().split("\n");
  deepEqual(lines.slice(2, 8), [
    "Containers: 3",
    " Running: 1",
    " Created: 0",
    " Exited: 2",
    "State directory: /var/lib/myctr",
    " File system: ext4, 1.0 GiB free",
  ]);
  deepEqual(lines.filter((line) => !/^ ?[A-Z][A-Za-z ]*: \S/.test(line)), []);
});

Deno.test("info --format json prints all fields", async () => {
  const { version, ...rest } = JSON.parse(await printed("--format", "json"));
  match(version, /^\d/);
  deepEqual(rest, INFO);
});
