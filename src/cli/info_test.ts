import { deepEqual, equal, match, rejects } from "node:assert/strict";
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
  containers: { total: 4, running: 1, paused: 1, created: 0, exited: 2 },
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
  deepEqual(lines.slice(2, 9), [
    "Containers: 4",
    " Running: 1",
    " Paused: 1",
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

const TEMPLATES: readonly (readonly [template: string, expected: string])[] = [
  ["{{.cpus}} {{.containers.running}} {{.stateRoot}}", "2 1 /var/lib/myctr"],
  ["{{.NCPU}} {{.MemTotal}} {{.Name}} {{.OSType}}/{{.Architecture}}", "2 4294967296 box linux/x86_64"],
  ["{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}", "4 1 1 2"],
  ["{{range .SecurityOptions}}{{.}} {{end}}", "name=seccomp,profile=builtin name=userns "],
  [
    "{{.KernelVersion}}, {{.OperatingSystem}}, cgroup {{.CgroupVersion}}",
    "6.1.0, Debian GNU/Linux 12, cgroup 2",
  ],
  ["{{json .storage}}", `{"filesystem":"ext4","availableBytes":1073741824}`],
];

for (const [template, expected] of TEMPLATES) {
  Deno.test(`info --format ${JSON.stringify(template)}`, async () => {
    equal(await printed("--format", template), `${expected}\n`);
    equal(await printed("-f", template), `${expected}\n`);
  });
}

Deno.test("info --format: a template's JSON has the names of --format json alone", async () => {
  deepEqual(
    JSON.parse(await printed("--format", "{{json .}}")),
    JSON.parse(await printed("--format", "json")),
  );
});

const BAD_FORMATS: readonly (readonly [format: string, message: RegExp, hint: string])[] = [
  ["jsno", /^Cannot use format "jsno": it is neither json nor text, nor a template$/, 'Did you mean "json"?'],
  [
    "{{.NCPUs}}",
    /^Cannot read \.NCPUs at column 3 of the format: there is no field "NCPUs"$/,
    'Did you mean "NCPU"?',
  ],
  ["{{.NCPU", /^Cannot read the action at column 1 of the format: nothing closes it$/, "Write }} at its end"],
];

for (const [format, message, hint] of BAD_FORMATS) {
  Deno.test(`info --format refuses ${format}`, async () => {
    await rejects(printed("--format", format), { code: "usage", message, hint });
  });
}

Deno.test("info reads nothing where the template has a mistake", async () => {
  const read = () => Promise.reject(new Error("It was read"));
  const session = { isDebug: false, print: () => {}, warn: () => {} };
  await rejects(async () => await infoCommand(read).run(["-f", "{{nope}}"], session), { code: "usage" });
});
