/** Tests of `myctr run`: from the command line to the request. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { REQUEST } from "../../tests/golden/plan_cases.ts";
import type { RunRequest } from "../spec/request.ts";
import { runCommand } from "./run.ts";

/** Reads a command line and gives the request that it makes. */
async function request(argv: readonly string[]): Promise<RunRequest | undefined> {
  let made: RunRequest | undefined;
  const command = runCommand((request) => {
    made = request;
    return Promise.resolve(42);
  });
  equal(await command.run(argv, { isDebug: false, print: () => {}, warn: () => {} }), 42);
  return made;
}

Deno.test("run without a flag asks for the defaults", async () => {
  deepEqual(await request(["host", "true"]), REQUEST);
});

const BIND = { type: "bind", options: ["rbind", "rprivate"] };
const TMPFS = { type: "tmpfs", source: "tmpfs", options: ["rw", "noexec", "nosuid", "nodev"] };
const T = ["host", "true"] as const;

const ROWS: readonly { readonly argv: readonly string[]; readonly want: Partial<RunRequest> }[] = [
  {
    argv: ["-e", "A=1", "-v", "/a:/b", "host", "ls", "-la", "--color"],
    want: {
      command: ["ls", "-la", "--color"],
      env: [{ name: "A", value: "1" }],
      mounts: [{ ...BIND, source: "/a", destination: "/b" }],
    },
  },
  { argv: ["--rm=false", ...T], want: { remove: false } },
  { argv: ["--rm", ...T], want: { remove: true } },
  { argv: ["host", "--rm"], want: { command: ["--rm"], remove: false } },
  { argv: ["host"], want: { command: [] } },
  { argv: ["--", "host", "--", "true"], want: { command: ["--", "true"] } },
  {
    argv: ["--add-host", "a=[::1]", "--add-host", "b:10.0.0.1", ...T],
    want: { addedHosts: [{ names: ["a"], address: "::1" }, { names: ["b"], address: "10.0.0.1" }] },
  },
  {
    argv: ["--annotation", "a.b=1", "--annotation", "c", ...T],
    want: { annotations: { "a.b": "1", c: "" } },
  },
  { argv: ["--cap-add", "net_raw", "--cap-add=ALL", ...T], want: { capAdd: ["CAP_NET_RAW", "ALL"] } },
  { argv: ["--cap-drop", "ALL", ...T], want: { capDrop: ["ALL"] } },
  {
    argv: ["--cidfile", "c", "--pidfile=p", "--status-file", "s", ...T],
    want: { cidFile: "c", pidFile: "p", statusFile: "s" },
  },
  {
    argv: ["--stop-signal", "usr1", "--stop-timeout=-1", "--timeout", "5", ...T],
    want: { stopSignal: 10, stopTimeoutSeconds: -1, timeoutSeconds: 5 },
  },
  { argv: ["--replace", "--name", "web", ...T], want: { replace: true, name: "web" } },
  { argv: ["--dns", "::1", "--dns=10.0.0.1", ...T], want: { nameServers: ["::1", "10.0.0.1"] } },
  { argv: ["--dns-opt", "a", "--dns-option=b", ...T], want: { resolverOptions: ["a", "b"] } },
  { argv: ["--dns-search", ".", ...T], want: { searchDomains: ["."] } },
  { argv: ["--domainname", "a.b", ...T], want: { domainname: "a.b" } },
  { argv: ["--dry-run", ...T], want: { dryRun: true } },
  { argv: ["--dry-run=json", ...T], want: { dryRun: "json" } },
  { argv: ["--dry-run=text", ...T], want: { dryRun: true } },
  { argv: ["--dry-run=false", ...T], want: {} },
  { argv: ["--label-file", "a", "--label-file=b", ...T], want: { labelFiles: ["a", "b"] } },
  { argv: ["--entrypoint", "", ...T], want: { entrypoint: "" } },
  {
    argv: ["--entrypoint=/bin/sh", "host", "-c", "ls"],
    want: { entrypoint: "/bin/sh", command: ["-c", "ls"] },
  },
  {
    argv: ["-ie", "A=", "-eB", ...T],
    want: { interactive: true, env: [{ name: "A", value: "" }, { name: "B" }] },
  },
  { argv: ["--env-file", "a", "--env-file=b", ...T], want: { envFiles: ["a", "b"] } },
  { argv: ["--explain", ...T], want: { explain: true } },
  { argv: ["--explain=json", ...T], want: { explain: "json" } },
  { argv: ["--explain=json", "--explain", ...T], want: { explain: true } },
  { argv: ["--fail-step", "mount /proc=EPERM", ...T], want: { failStep: "mount /proc=EPERM" } },
  { argv: ["-h", "a", "--hostname", "b", ...T], want: { hostname: "b" } },
  {
    argv: ["-l", "a=1", "--label", "b", "-l", "a=2", ...T],
    want: { labels: { a: "2", b: "" } },
  },
  {
    argv: ["--tmpfs", "/c", "-v", "./a:/b", "--mount", "type=bind,src=/d,dst=/a", "-v=/x:/y", ...T],
    want: {
      mounts: [
        { ...TMPFS, destination: "/c" },
        { ...BIND, source: "./a", destination: "/b" },
        { ...BIND, source: "/d", destination: "/a" },
        { ...BIND, source: "/x", destination: "/y" },
      ],
    },
  },
  { argv: ["--name", "web", ...T], want: { name: "web" } },
  { argv: ["--net", "host", ...T], want: { network: "host" } },
  { argv: ["--network=none", ...T], want: { network: "none" } },
  { argv: ["--pause-step", "3", ...T], want: { pauseStep: "3" } },
  { argv: ["--privileged", ...T], want: { privileged: true } },
  { argv: ["--read-only", ...T], want: { readOnly: true } },
  { argv: ["-u", "7:8", ...T], want: { user: "7:8" } },
  { argv: ["--userns=host", ...T], want: { userns: "host" } },
  {
    argv: ["--volumes-from", "web:ro", ...T],
    want: { volumesFrom: [{ container: "web", isReadOnly: true }] },
  },
  { argv: ["-w", "/tmp", ...T], want: { workdir: "/tmp" } },
  { argv: ["-a", "STDOUT", "--attach=stderr", ...T], want: { attach: ["stdout", "stderr"] } },
  { argv: ["--restart", "on-failure:3", ...T], want: { restart: { name: "on-failure", maximum: 3 } } },
  {
    argv: ["--health-cmd", "true", "--health-interval=1m", "--health-retries", "2", ...T],
    want: { healthCommand: ["CMD-SHELL", "true"], healthIntervalMs: 60_000, healthRetries: 2 },
  },
  { argv: ["--no-healthcheck", ...T], want: { noHealthCheck: true } },
];

for (const { argv, want } of ROWS) {
  Deno.test(`run ${argv.join(" ")}`, async () => {
    deepEqual(await request(argv), { ...REQUEST, ...want });
  });
}

Deno.test("run --rootfs: every word is the command's", async () => {
  const { image: _image, ...rest } = REQUEST;
  deepEqual(await request(["--rootfs", "r:O", "--rootfs-tmpfs", "host", "-x"]), {
    ...rest,
    rootfs: { path: "r", overlay: true },
    rootfsTmpfs: true,
    command: ["host", "-x"],
  });
});

const BAD = [
  { argv: "", code: "usage", hint: 'Run "myctr run --help"' },
  { argv: "--nmae x host true", code: "usage", hint: 'Did you mean "--name"?' },
  { argv: "-p 80:x host true", code: "usage", hint: /HOSTPORT/ },
  { argv: "--network bridge host true", code: "unsupported", hint: /private/ },
  { argv: "--name -x host true", code: "usage", hint: /letters/ },
  { argv: "-e =1 host true", code: "usage", hint: /NAME=VALUE/ },
  { argv: "-v da/ta:/x host true", code: "usage", hint: /Begin a path/ },
  { argv: "--network bridge host true", code: "unsupported", hint: /none host/ },
  { argv: "--network hots host true", code: "usage", hint: 'Did you mean "host"?' },
  { argv: "--userns keep-id host true", code: "unsupported", hint: /private host/ },
  { argv: "-u 4294967296 host true", code: "usage", hint: /USER/ },
  { argv: "--cap-add net_row host true", code: "usage", hint: /CAP_NET_RAW/ },
  { argv: "--add-host a:b host true", code: "usage", hint: /NAME=IP/ },
  { argv: "--annotation dev.myctr.x=1 host true", code: "usage", hint: /KEY=VALUE/ },
  { argv: "--timeout 1m host true", code: "usage", hint: /number of seconds/ },
  { argv: "--stop-signal TREM host true", code: "usage", hint: 'Did you mean "TERM"?' },
  { argv: "--replace host true", code: "usage", hint: /--name/ },
  { argv: "--rootfs :O true", code: "usage", hint: /DIR/ },
] as const;

for (const { argv, code, hint } of BAD) {
  Deno.test(`run rejects "${argv}"`, async () => {
    await rejects(request(argv === "" ? [] : argv.split(" ")), { code, hint, message: /^Cannot / });
  });
}
