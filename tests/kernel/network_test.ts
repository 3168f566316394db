/** Containers that a helper connects, on the real kernel: out, in, names, and what is left when something ends. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "./box.ts";
import { runBackground } from "./background.ts";
import { NETWORK_ROWS } from "./flag_rows_network.ts";
import { FAR, NEAR, type NetworkWorld, openWorld } from "./network_world.ts";
import { sleep } from "./robust_harness.ts";
import { findProcesses, pids } from "./traces.ts";

const HELPERS = ["pasta", "slirp4netns"] as const;
/** A name server that only the machine itself can ask; and one that anybody can. */
const LOCAL_NAMES = "search example.org\nnameserver 127.0.0.1\noptions ndots:1\n";
const FAR_NAMES = `nameserver ${FAR.ipv4}\n`;
/** Says by udp what it hears, loudly; and asks. */
const LOUD =
  "import socket as s; a=s.socket(2,2); a.bind(('',15353)); print('ready', flush=True); d,f=a.recvfrom(9); a.sendto(d.upper(),f); a.recv(1)";
const ASK =
  "import socket as s; a=s.socket(2,2); a.settimeout(5); a.sendto(b'hi',('ADDRESS',15353)); print(a.recv(9))";
const WHO_ASKS = /^far ([\d.]+)$/m;

interface PlannedOperation {
  readonly step: number;
  readonly actor: string;
  readonly label: string;
  readonly calls: readonly { readonly call: number; readonly text: string; readonly onFailure: string }[];
}

interface Connected {
  readonly box: Box;
  readonly world: NetworkWorld;
}

function page(url: string): readonly string[] {
  return ["timeout", "3", "busybox", "wget", "-q", "-O", "-", url];
}

async function far({ world, box }: Connected, ...words: readonly string[]): Promise<Ran> {
  return await box.exec([...world.far, ...words]);
}

/** Starts one in the background, as `web`. */
async function serve({ box }: Connected, ...flags: readonly string[]): Promise<string> {
  const words = ["run", "-d", "--name", "web", ...flags, "--rootfs", box.rootfs];
  const { code, stdout, stderr } = await box.run(...words, "httpd", "-f", "-p", "80", "-h", "/etc");
  deepEqual([code, stderr], [0, ""]);
  return stdout.trim();
}

/** The helpers that run for the box: they have a namespace of its container as their standard input. */
function helpersOf(kind: string): number[] {
  return pids().filter((pid) => readIfThere(`/proc/${pid}/cmdline`).startsWith(`/usr/bin/${kind}\0`));
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`network: what nothing can connect is told why, as ${user}`, ...needs, "ip", "pasta"),
    async fn() {
      await using world = await openWorld({ resolvConf: FAR_NAMES });
      await using box = await openBox({ user, near: world.near });
      for (const version of ["-4", "-6"]) {
        const removed = await box.exec([...world.near, "ip", version, "route", "del", "default"]);
        equal(removed.code, 0, removed.stderr);
      }
      const words = ["run", "--rm", "--rootfs", box.rootfs, "ls", "/sys/class/net"];
      const why = "this machine has no default route";
      const noted = await box.exec(box.command(...words), { env: { MYCTR_DEFAULT_NETWORK: "private" } });
      deepEqual([noted.code, noted.stdout], [0, "lo\n"]);
      equal(
        noted.stderr,
        `myctr: note: the container's network is a loopback device alone: ${why} (connect it first, or write --network none)\n`,
      );
      // Of a start later on it is said again.
      equal(
        (await box.run("create", "--name", "later", "--network", "private", "--rootfs", box.rootfs, "true"))
          .code,
        0,
      );
      const later = await box.run("start", "later");
      deepEqual([later.code, later.stderr], [0, noted.stderr]);
      equal((await box.run("wait", "later")).code, 0);
      equal((await box.run("rm", "later")).code, 0);
      const silent = await box.exec(box.command(...words), { env: { MYCTR_DEFAULT_NETWORK: "none" } });
      deepEqual([silent.code, silent.stderr], [0, ""]);
      const asked = await box.inside("--network", "pasta", "true");
      deepEqual([asked.code, asked.stdout], [125, ""]);
      match(asked.stderr, /Cannot use --network pasta: this machine has no default route\n/);
      const published = await box.inside("--network", "private", "-p", "80", "true");
      equal(published.code, 125);
      match(published.stderr, /Cannot publish port 80\/tcp: this machine has no default route\n/);
      const wrong = await box.exec(box.command(...words), { env: { MYCTR_DEFAULT_NETWORK: "bridgge" } });
      equal(wrong.code, 125);
      match(wrong.stderr, /Cannot use --network "bridgge": .* \(it is the value of MYCTR_DEFAULT_NETWORK\)/);
    },
  });

  for (const kind of HELPERS) {
    const test = (name: string, fn: (at: Connected) => Promise<void>, resolvConf = LOCAL_NAMES) =>
      Deno.test({
        ...requires(`network: ${kind}: ${name}, as ${user}`, ...needs, "ip", "tar", kind),
        async fn() {
          await using world = await openWorld({ resolvConf });
          await using box = await openBox({ user, near: world.near });
          try {
            await fn({ box, world });
          } finally {
            const ids = box.containers().map(({ id }) => id);
            if (ids.length > 0) equal((await box.run("rm", "-f", ...ids)).code, 0);
          }
        },
      });
    const network = ["--network", kind];

    test("a container reaches the other machine, by name too, and not the machine's own services", async ({ box }) => {
      const inside = (...words: readonly string[]) => box.inside(...network, ...words);
      match((await inside(...page(`http://${FAR.ipv4}/`))).stdout, WHO_ASKS);
      match((await inside(...page("http://some.example.com/"))).stdout, WHO_ASKS);
      const resolver = await inside("cat", "/etc/resolv.conf");
      const own = kind === "pasta" ? "169.254.1.1" : "10.0.2.3";
      equal(resolver.stdout, `nameserver ${own}\nsearch example.org\noptions ndots:1\n`);
      const near = await box.exec(box.as(...page("http://127.0.0.1/")));
      equal(near.stdout, "near 127.0.0.1\n");
      const gateway = kind === "pasta" ? FAR.ipv4 : "10.0.2.2";
      for (const address of ["127.0.0.1", NEAR.ipv4, gateway]) {
        const { stdout } = await inside(...page(`http://${address}/`));
        ok(!stdout.startsWith("near"), `${address}: ${stdout}`);
      }
    });

    test("name servers that anybody can ask are asked directly", async ({ box }) => {
      const { stdout } = await box.inside(...network, "cat", "/etc/resolv.conf");
      equal(stdout, FAR_NAMES);
      match((await box.inside(...network, ...page("http://some.example.com/"))).stdout, WHO_ASKS);
    }, FAR_NAMES);

    test("a port is open on this machine alone, or where an address says so", async (at) => {
      const { box } = at;
      await serve(at, ...network, "-p", "18080:80", "-p", "0.0.0.0:18081:80");
      for (const port of [18080, 18081]) {
        match((await box.exec(box.as(...page(`http://127.0.0.1:${port}/group`)))).stdout, /^app:x:1000:$/m);
      }
      match((await far(at, ...page(`http://${NEAR.ipv4}:18081/group`))).stdout, /^app:x:1000:$/m);
      equal((await far(at, ...page(`http://${NEAR.ipv4}:18080/group`))).stdout, "");
      match((await box.run("list")).stdout, /127\.0\.0\.1:18080->80\/tcp, 0\.0\.0\.0:18081->80\/tcp/);
      const taken = await box.run("run", "-d", ...network, "-p", "18080:80", "--rootfs", box.rootfs, "true");
      equal(taken.code, 125);
      match(taken.stderr, /Cannot publish a port at 127\.0\.0\.1:18080: it is taken/);
    });

    test("a range, and the first of some that is free", async (at) => {
      const { box } = at;
      await serve(at, ...network, "-p", "18080-18081:80-81", "-p", "18080-18085:82");
      equal(
        (await box.run("port", "web")).stdout,
        "80/tcp -> 127.0.0.1:18080\n81/tcp -> 127.0.0.1:18081\n82/tcp -> 127.0.0.1:18082\n",
      );
    });

    test("udp, and what of it would get no answer is refused", async (at) => {
      const { box, world } = at;
      const start = (...flags: readonly string[]) =>
        box.run("run", "-d", "--name", "loud", ...network, ...flags, "host", "python3", "-c", LOUD);
      const ask = (from: readonly string[], address: string) =>
        box.exec([...from, "python3", "-c", ASK.replace("ADDRESS", address)]);
      const isPasta = kind === "pasta";
      const started = await start("-p", `${isPasta ? "" : "0.0.0.0:"}15353:15353/udp`);
      equal(started.code, 0, started.stderr);
      while ((await box.run("logs", "loud")).stdout !== "ready\n") await sleep(20);
      const answered = isPasta ? await ask(box.as(), "127.0.0.1") : await ask(world.far, NEAR.ipv4);
      equal(answered.stdout, "b'HI'\n", answered.stderr);
      equal((await box.run("rm", "-f", "loud")).code, 0);
      const lossy = await start("-p", isPasta ? "15354:15353/udp" : "15353:15353/udp");
      // A newer pasta than Debian 12's finds the way back.
      if (lossy.code !== 0) {
        match(lossy.stderr, /Cannot publish a port of udp at 127\.0\.0\.1:1535\d: .* loses/);
      } else equal((await ask(box.as(), "127.0.0.1").then(({ stdout }) => stdout)).trim(), "b'HI'");
    });

    test("the helper ends with the container, however that ends, and its port is free at once", async (at) => {
      const { box } = at;
      const before = helpersOf(kind);
      const mine = () => helpersOf(kind).filter((pid) => !before.includes(pid));
      const id = await serve(at, ...network, "-p", "18080:80");
      equal(mine().length, 1);
      for (let round = 0; round < 3; round++) {
        const again = await box.run("restart", "-t", "0", "web");
        deepEqual([again.code, again.stdout], [0, "web\n"], again.stderr);
        match((await box.exec(box.as(...page("http://127.0.0.1:18080/group")))).stdout, /^app:x:1000:$/m);
      }
      equal(mine().length, 1);
      const monitor = pids().find((pid) =>
        readIfThere(`/proc/${pid}/cmdline`).startsWith("myctr: monitor") && pidIsOf(pid, mine()[0]!)
      );
      ok(monitor !== undefined);
      Deno.kill(monitor, "SIGKILL");
      while (mine().length > 0) await sleep(10);
      equal((await box.run("start", "web")).code, 0);
      equal((await box.run("kill", "web")).code, 0);
      equal((await box.run("wait", "web")).stdout, "137\n");
      deepEqual(mine(), []);
      equal((await box.run("start", "web")).code, 0);
      equal((await box.run("rm", "-f", "web")).code, 0);
      deepEqual([mine(), findProcesses(id)], [[], []]);
    });

    test("exec and other containers share it; with a policy it is there in each life", async ({ box }) => {
      const ends = "trap 'exit 0' USR1; echo ready; while :; do sleep 0.05; done";
      await runBackground(box, "web", ends, ...network, "--restart", "always");
      match((await box.run("exec", "web", ...page(`http://${FAR.ipv4}/`))).stdout, WHO_ASKS);
      const other = ["--network", "container:web", "--rootfs", box.rootfs];
      match((await box.run("run", "--rm", ...other, ...page(`http://${FAR.ipv4}/`))).stdout, WHO_ASKS);
      equal((await box.run("exec", "web", "kill", "-USR1", "1")).code, 0);
      while (
        (await box.run("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", "web")).stdout !==
          "1 running\n"
      ) {
        await sleep(20);
      }
      match((await box.run("exec", "web", ...page(`http://${FAR.ipv4}/`))).stdout, WHO_ASKS);
    });

    test("each step of the helper that fails ends the start, and leaves nothing", async ({ box }) => {
      const words = [...network, "--rootfs", box.rootfs, "true"];
      const { stdout } = await box.run("run", "--dry-run=json", ...words);
      const operations = stdout.trim().split("\n").map((line) => JSON.parse(line) as PlannedOperation);
      const steps = operations.filter(({ actor, label }) =>
        actor === "network helper" || /network/.test(label)
      );
      ok(steps.length >= 5, JSON.stringify(steps));
      const calls = steps.flatMap(({ label, calls }) => calls.map((each) => ({ ...each, label })));
      for (const { call, text, label, onFailure } of calls) {
        const ran = await box.run("run", "--rm", "--fail-step", `#${call}=EPERM`, ...words);
        if (onFailure === "ignore") {
          equal(ran.code, 0, `${text}: ${ran.stderr}`);
          continue;
        }
        equal(ran.code, 125, `${text}: ${ran.stdout}${ran.stderr}`);
        ok(ran.stderr.includes(`Cannot ${label}\n`), `${text}: ${ran.stderr}`);
      }
      const unknown = await box.run("run", "--rm", "--fail-step", "no such step=EPERM", ...words);
      deepEqual([unknown.code, unknown.stdout], [125, ""]);
      match(unknown.stderr, /the plan does not have it/);
    });

    for (const row of NETWORK_ROWS) {
      test(`${row.flag} has its effect`, async (at) => {
        const { box } = at;
        const words = ["run", "-d", "--name", "web", ...network, ...row.args, "--rootfs", box.rootfs];
        const ran = await box.run(...words, "sh", "-c", String(row.command));
        match(ran.stdout, row.stdout as RegExp, ran.stderr);
        await row.after?.(box, ran);
      });
    }
  }
}

function pidIsOf(parent: number, pid: number): boolean {
  return new RegExp(`^PPid:\\s+${parent}$`, "m").test(readIfThere(`/proc/${pid}/status`));
}
