/** Tests of `myctr inspect`: what flags of run become in it, its outputs, and what is not there. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import type { ContainerFacts } from "../runtime/inspect.ts";
import { buildSpec } from "../spec/build_spec.ts";
import type { RunRequest } from "../spec/request.ts";
import { ANNOTATION } from "../spec/types.ts";
import { inspectCommand } from "./inspect.ts";
import { runCommand } from "./run.ts";

const ID = "0123456789abcdef".repeat(4);
const DIRECTORY = `/var/lib/myctr/containers/${ID}`;
const STARTED_MS = Date.UTC(2026, 10, 25, 23, 5, 44, 123);

/** What would be known of a container that is made by these flags. */
async function factsOf(...flags: readonly string[]): Promise<ContainerFacts> {
  const { promise, resolve } = Promise.withResolvers<RunRequest>();
  const session = { isDebug: false, print: () => {}, warn: () => {} };
  await runCommand((request) => (resolve(request), Promise.resolve(0))).run(flags, session);
  const request = await promise;
  const spec = buildSpec(request, {
    id: ID,
    callerEnv: {},
    envFiles: [],
    cwd: "/work",
    home: "/root",
    containerDirectory: DIRECTORY,
    isRoot: true,
    rootDirectory: request.rootfs?.path,
  });
  const { stopSignal, stopTimeoutSeconds } = request;
  return {
    state: {
      version: 2,
      id: ID,
      name: "web",
      image: request.image ?? spec.root.path,
      command: spec.process.args,
      createdMs: STARTED_MS - 1000,
      startedMs: STARTED_MS,
      pid: 4711,
      cgroup: "/sys/fs/cgroup/myctr/x",
      isRemovedAtExit: request.remove,
      labels: request.labels,
      ...(stopSignal !== undefined && { stopSignal }),
      ...(stopTimeoutSeconds !== undefined && { stopTimeoutSeconds }),
    },
    condition: { status: "running", startedMs: STARTED_MS },
    spec: {
      ...spec,
      annotations: {
        ...spec.annotations,
        [ANNOTATION.createCommand]: JSON.stringify(["myctr", "run", ...flags]),
      },
    },
    directory: DIRECTORY,
  };
}

interface Seen {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function seen(argv: readonly string[], ...known: readonly ContainerFacts[]): Promise<Seen> {
  let [stdout, stderr] = ["", ""];
  const session = {
    isDebug: false,
    print: (text: string) => stdout += text,
    warn: (text: string) => stderr += text,
  };
  const left = [...known];
  const code = await inspectCommand((reference) => {
    const facts = left.shift();
    if (facts !== undefined) return Promise.resolve(facts);
    throw new CtrError("not_found", `Cannot find container "${reference}": there is none of that name or id`);
  }).run(argv, session);
  return { code, stdout, stderr };
}

/** Flags of run, a template, and what it gives. */
const CASES: readonly (readonly [flags: string, template: string, expected: string])[] = [
  ["host sh -c x", "{{.Path}} {{.Args}} {{json .Config.Cmd}}", `sh [-c x] ["sh","-c","x"]`],
  ["host", "{{.Id}}", ID],
  ["host", "{{.Name}} {{.Image}} {{.Config.Image}} {{.Driver}} {{.Platform}}", "/web host host host linux"],
  ["host", "{{.Created}}", "2026-11-25T23:05:43.123Z"],
  ["host", "{{.State.StartedAt}} {{.State.FinishedAt}}", "2026-11-25T23:05:44.123Z 0001-01-01T00:00:00Z"],
  [
    "host",
    "{{.State.Status}} {{.State.Running}} {{.State.Paused}} {{.State.Pid}}",
    "running true false 4711",
  ],
  ["host", "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}", "none"],
  ["host", "{{.HostsPath}}", `${DIRECTORY}/hosts`],
  ["host", "{{.LogPath}} {{.HostConfig.LogConfig.Type}}", `${DIRECTORY}/logs file`],
  ["--log-driver none host", "{{.LogPath}}|{{.HostConfig.LogConfig.Type}}", "|none"],
  ["--log-opt max-size=10k host", `{{index .HostConfig.LogConfig.Config "max-size"}}`, "10240"],
  ["-v /a:/b:ro -v ./c:/d host", "{{json .HostConfig.Binds}}", `["/a:/b:ro","/work/c:/d"]`],
  [
    "-v /a:/b host",
    "{{range .Mounts}}{{.Source}}:{{.Destination}} {{.RW}} {{.Propagation}}{{end}}",
    "/a:/b true rprivate",
  ],
  ["-v /a:/b:bind,nosuid,rslave host", "{{index .HostConfig.Binds 0}}", "/a:/b:bind,nosuid,rslave"],
  ["host", "{{.HostConfig.Binds}} {{json .Mounts}}", "<nil> []"],
  ["--tmpfs /t:size=1m host", "{{json .HostConfig.Tmpfs}}", `{"/t":"rw,noexec,nosuid,nodev,size=1m"}`],
  ["host", "{{.HostConfig.Tmpfs}}", "<no value>"],
  ["host", "{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Ports}}", "none {}"],
  ["--network host host", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}", "host"],
  ["host", "{{.NetworkSettings.Networks.none.IPAddress}}|{{.NetworkSettings.IPAddress}}", "|"],
  [
    "--pid host --ipc none --uts host --userns host host",
    "{{with .HostConfig}}{{.PidMode}} {{.IpcMode}} {{.UTSMode}} {{.UsernsMode}}{{end}}",
    "host none host host",
  ],
  [
    "host",
    "{{with .HostConfig}}{{.PidMode}} {{.IpcMode}} {{.UTSMode}} {{.UsernsMode}} {{.CgroupnsMode}}{{end}}",
    " private   private",
  ],
  [
    "--cap-add NET_RAW --cap-drop CHOWN host",
    "{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}",
    "[CAP_NET_RAW] [CAP_CHOWN]",
  ],
  ["host", "{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}", "<nil> <nil>"],
  [
    "--privileged host",
    "{{.HostConfig.Privileged}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}",
    "true <nil> <nil>",
  ],
  [
    "--read-only --rm --init host",
    "{{with .HostConfig}}{{.ReadonlyRootfs}} {{.AutoRemove}} {{.Init}}{{end}}",
    "true true true",
  ],
  [
    "--security-opt no-new-privileges --security-opt seccomp=unconfined host",
    "{{.HostConfig.SecurityOpt}}",
    "[no-new-privileges seccomp=unconfined]",
  ],
  [
    "--security-opt apparmor=web host",
    "{{.AppArmorProfile}} {{.HostConfig.SecurityOpt}}",
    "web [apparmor=web]",
  ],
  [
    "--ulimit nofile=1:2 --ulimit core=-1 host",
    "{{json .HostConfig.Ulimits}}",
    `[{"Name":"nofile","Hard":2,"Soft":1},{"Name":"core","Hard":-1,"Soft":-1}]`,
  ],
  ["--sysctl net.x=1 host", `{{index .HostConfig.Sysctls "net.x"}}`, "1"],
  [
    "--device /dev/fuse:/dev/f host",
    "{{range .HostConfig.Devices}}{{.PathOnHost}} {{.PathInContainer}}{{end}}",
    "/dev/fuse /dev/f",
  ],
  ["--shm-size 1m host", "{{.HostConfig.ShmSize}}", "1048576"],
  ["host", "{{.HostConfig.ShmSize}} {{.HostConfig.Memory}}", "67108864 0"],
  [
    "--add-host a:1.2.3.4 --dns 9.9.9.9 --dns-search x.y host",
    "{{with .HostConfig}}{{.ExtraHosts}} {{.Dns}} {{.DnsSearch}} {{.DnsOptions}}{{end}}",
    "[a:1.2.3.4] [9.9.9.9] [x.y] []",
  ],
  ["--group-add 5 --oom-score-adj 7 host", "{{.HostConfig.GroupAdd}} {{.HostConfig.OomScoreAdj}}", "[5] 7"],
  [
    "-h box --domainname d -u 1:2 -w /w host",
    "{{with .Config}}{{.Hostname}} {{.Domainname}} {{.User}} {{.WorkingDir}}{{end}}",
    "box d 1:2 /w",
  ],
  ["-e A=1 host", `{{range .Config.Env}}{{if eq (slice . 0 2) "A="}}{{.}}{{end}}{{end}}`, "A=1"],
  ["-l a=1 host", "{{.Config.Labels.a}} {{.Config.Labels.b}}", "1 <no value>"],
  ["-i host", "{{.Config.OpenStdin}} {{.Config.Tty}} {{.Config.AttachStdin}}", "true false true"],
  [
    "-t host",
    "{{.Config.OpenStdin}} {{.Config.Tty}} {{.Config.Env}}",
    "false true [PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOSTNAME=0123456789ab TERM=xterm]",
  ],
  ["--stop-signal INT --stop-timeout 5 host", "{{.Config.StopSignal}} {{.Config.StopTimeout}}", "SIGINT 5"],
  [
    "--rootfs /r:O sh",
    "{{.Image}} {{.GraphDriver.Name}} {{.GraphDriver.Data.LowerDir}} {{.GraphDriver.Data.UpperDir}}",
    `/r overlay /r ${DIRECTORY}/layers/upper`,
  ],
  ["--rootfs /r sh", "{{.Driver}} {{.GraphDriver.Data}}", "directory <nil>"],
  ["host a b", "{{.Config.CreateCommand}}", "[myctr run host a b]"],
];

for (const [flags, template, expected] of CASES) {
  Deno.test(`inspect of run ${flags}: ${template}`, async () => {
    const { stdout, stderr, code } = await seen(["-f", template, "web"], await factsOf(...flags.split(" ")));
    deepEqual([stdout, stderr, code], [`${expected}\n`, "", 0]);
  });
}

const CONDITIONS = [
  [{ status: "paused", startedMs: 0 }, "paused true true 4711 0 /sys/fs/cgroup/myctr/x"],
  [{ status: "created" }, "created false false 0 0 <no value>"],
  [{ status: "exited", exitCode: 3, startedMs: 0, finishedMs: 0 }, "exited false false 0 3 <no value>"],
] as const;

for (const [condition, expected] of CONDITIONS) {
  Deno.test(`inspect of one that is ${condition.status}`, async () => {
    const facts = { ...await factsOf("host"), condition };
    const state = "{{.Status}} {{.Running}} {{.Paused}} {{.Pid}} {{.ExitCode}} {{.CgroupPath}}";
    equal((await seen(["-f", `{{with .State}}${state}{{end}}`, "x"], facts)).stdout, `${expected}\n`);
  });
}

Deno.test("inspect prints a list, indented; in JSON too a map is an object and what was not given is left out", async () => {
  const facts = await factsOf("-l", "b=2", "-l", "a=1", "host");
  const { stdout } = await seen(["web"], facts);
  match(stdout, /^\[\n {4}\{\n {8}"Id": "0123/);
  const [container] = JSON.parse(stdout);
  deepEqual(container.Config.Labels, { a: "1", b: "2" });
  equal(Object.keys(container).includes("SizeRw"), false);
  deepEqual(JSON.parse((await seen(["-f", "json", "web"], facts)).stdout), [container]);
  deepEqual(JSON.parse((await seen(["-f", "{{json .}}", "web"], facts)).stdout), container);
});

Deno.test("inspect of several shows those that are there, and tells of the others", async () => {
  const { stdout, stderr, code } = await seen(["-f", "{{.Name}}", "web", "none"], await factsOf("host"));
  deepEqual([stdout, code], ["/web\n", 1]);
  match(stderr, /^myctr: Cannot find "none"/);
});

for (const [flags, stdout] of [[[], "[]\n"], [["-f", "{{.Name}}"], "\n"], [["--run"], ""]] as const) {
  Deno.test(`inspect ${flags.join(" ")} of none, as docker: ${JSON.stringify(stdout)} and 1`, async () => {
    const ran = await seen([...flags, "none"]);
    deepEqual([ran.stdout, ran.code], [stdout, 1]);
  });
}

Deno.test("inspect -s has sizes", async () => {
  const facts = { ...await factsOf("host"), size: { ownBytes: 5, rootBytes: 7, hiddenCount: 0 } };
  equal((await seen(["-s", "-f", "{{.SizeRw}} {{.SizeRootFs}}", "web"], facts)).stdout, "5 7\n");
});

Deno.test("inspect --run prints what a shell reads back", async () => {
  const facts = await factsOf("-e", "A=b c", "host", "sh", "-c", "echo 'x'");
  equal(
    (await seen(["--run", "web"], facts)).stdout,
    `myctr run -e 'A=b c' host sh -c 'echo '\\''x'\\'''\n`,
  );
});

const BAD: readonly (readonly [flags: readonly string[], code: string])[] = [
  [["--type", "network"], "unsupported"],
  [["--type", "cow"], "usage"],
  [["-f", "{{.Nope}}"], "usage"],
  [["-f", "{{"], "usage"],
  [["-f", "yaml"], "usage"],
  [["--run", "-f", "json"], "usage"],
];

for (const [flags, code] of BAD) {
  Deno.test(`inspect refuses ${flags.join(" ")}`, async () => {
    await rejects(async () => await seen([...flags, "web"], await factsOf("host")), { code });
  });
}
