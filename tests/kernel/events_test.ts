/** `myctr events`: what happened, what happens, by filters and formats, also while the file of events is begun anew. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";

const TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}(?:Z|[+-]\\d\\d:\\d\\d)";
const PAST = ["events", "--since", "1h", "--until", "0s"];

async function run(box: Box, name: string, code: number, ...flags: string[]): Promise<void> {
  const words = ["--rm", "--name", name, ...flags, "--rootfs", box.rootfs, "sh", "-c", `exit ${code}`];
  equal((await box.run("run", ...words)).code, code);
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`events: what happened, in docker's words, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await run(box, "web", 3, "--label", "tier=front", "--label", "a=b");
      const { code, stdout, stderr } = await box.run(...PAST);
      deepEqual([code, stderr], [0, ""]);
      const subject = (exit: string) => `\\(a=b, ${exit}image=${box.rootfs}, name=web, tier=front\\)`;
      const expected = ["create", "start", "die", "destroy"].map((action) =>
        `${TIME} container ${action} [0-9a-f]{64} ${subject(action === "die" ? "exitCode=3, " : "")}\n`
      );
      match(stdout, new RegExp(`^${expected.join("")}$`));
    },
  });

  Deno.test({
    ...requires(`events: json and templates have docker's fields, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await run(box, "web", 137);
      const { stdout } = await box.run(...PAST, "-f", "event=die", "--format", "json");
      const { id, time, timeNano, ...event } = JSON.parse(
        stdout.replace(/"timeNano":(\d+)/, '"timeNano":"$1"'),
      );
      match(id, /^[0-9a-f]{64}$/);
      equal(Math.floor(Number(timeNano) / 1e9), time);
      deepEqual(event, {
        status: "die",
        from: box.rootfs,
        Type: "container",
        Action: "die",
        Actor: { ID: id, Attributes: { exitCode: "137", image: box.rootfs, name: "web" } },
        scope: "local",
      });
      const format = "{{.Action}} {{.Actor.Attributes.name}} {{.Scope}}{{if eq .ID .Actor.ID}}!{{end}}";
      equal(
        (await box.run(...PAST, "-f", "event=die", "-f", "event=start", "--format", format)).stdout,
        "start web local!\ndie web local!\n",
      );
      const wrong = await box.run("events", "--format", "{{.Nothing}}");
      equal(wrong.code, 125);
      match(wrong.stderr, /^myctr: Cannot .*Nothing/);
    },
  });

  Deno.test({
    ...requires(`events: an exec is told of with its command, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      equal((await box.run("run", "-d", "--name", "web", "--rootfs", box.rootfs, "sleep", "100")).code, 0);
      equal((await box.run("exec", "web", "sh", "-c", "exit 4")).code, 4);
      equal((await box.run("rm", "-f", "web")).code, 0);
      const format = "{{.Action}} {{.Actor.Attributes.exitCode}}";
      const filters = ["exec_create", "exec_start", "exec_die"].flatMap((
        action,
      ) => ["-f", `event=${action}`]);
      equal(
        (await box.run(...PAST, ...filters, "--format", format)).stdout,
        "exec_create: sh -c exit 4 <no value>\nexec_start: sh -c exit 4 <no value>\nexec_die 4\n",
      );
    },
  });

  Deno.test({
    ...requires(`events: filters of one key are alternatives, of several all count, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await run(box, "web", 0, "--label", "tier=front");
      await run(box, "data", 0);
      const names = async (...filters: string[]) => {
        const flags = ["event=die", ...filters].flatMap((filter) => ["--filter", filter]);
        const ran = await box.run(...PAST, ...flags, "--format", "{{.Actor.Attributes.name}}");
        equal(ran.code, 0, ran.stderr);
        return ran.stdout.split("\n").slice(0, -1);
      };
      deepEqual(await names("container=web"), ["web"]);
      deepEqual(await names("container=web", "container=data"), ["web", "data"]);
      deepEqual(await names("container=data", "label=tier"), []);
      deepEqual(await names("label=tier=front"), ["web"]);
      deepEqual(await names(`image=${box.rootfs}`, "type=container"), ["web", "data"]);
      deepEqual(await names("type=network"), []);
      const wrong = await box.run("events", "-f", "colour=red");
      deepEqual([wrong.code, wrong.stdout], [125, ""]);
    },
  });

  Deno.test({
    ...requires(
      `events: what happens is told as it happens, of two at once and of a new file, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await run(box, "before", 0);
      await using following = box.spawn(
        box.command("events", "--format", "{{.Action}} {{.Actor.Attributes.name}}"),
      );
      // It is there when it has told of something.
      for (let turn = 0; turn < 20; turn++) {
        await run(box, "first", 0);
        const isThere = await Promise.race([following.until("destroy first\n"), sleep(200)]);
        if (isThere !== undefined) break;
      }
      // The next event finds the file full, and begins a new one.
      await Deno.writeFile(`${box.state}/events`, filler(1024 * 1024 + 1), { append: true });
      await Promise.all([run(box, "a", 0), run(box, "b", 0)]);
      await run(box, "last", 0);
      const told = (await following.until("destroy last\n")).split("\n");
      for (const name of ["a", "b", "last"]) {
        const actions = told.filter((line) => line.endsWith(` ${name}`)).map((line) => line.split(" ")[0]);
        deepEqual(actions, ["create", "start", "die", "destroy"]);
      }
      deepEqual(told.filter((line) => line.includes("before")), []);
      equal((await Deno.stat(`${box.state}/events.1`)).size > 1024 * 1024, true);
    },
  });

  Deno.test({
    ...requires(
      `events: --until in the future ends then, a reader that goes away ends it, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const until = (Date.now() + 1500) / 1000;
      const ran = await box.run("events", "--until", String(until));
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "", ""]);
      equal(Date.now() / 1000 >= until, true);
      const words = box.command("events").map((word) => `'${word}'`).join(" ");
      const piped = await box.exec(["bash", "-c", `${words} | true; echo \${PIPESTATUS[0]}`], {
        timeoutMs: 10_000,
      });
      deepEqual([piped.stdout, piped.stderr], ["0\n", ""]);
    },
  });
}

/** Some millions of bytes in all: several files are begun, by whoever is first. */
const EVENTS_EACH = 4000;

Deno.test({
  ...requires(
    "events: of three that tell at once through several files, nothing is missed",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    const words = ["events", "--since", "1h", "-f", "event=start", "--format", "{{.ID}}"];
    await using following = box.spawn(box.command(...words), { timeoutMs: 60_000 });
    const script = new URL("_tell_events.ts", import.meta.url).pathname;
    const tell = async (writer: string, count: number) => {
      const args = ["run", "-A", "-q", script, box.state, writer, String(count)];
      const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
      equal(new TextDecoder().decode(stderr), "");
      equal(success, true);
    };
    await tell("first", 1);
    await following.until("first-0\n");
    await Promise.all(["a", "b", "c"].map((writer) => tell(writer, EVENTS_EACH)));
    await tell("last", 1);
    const told = (await following.until("last-0\n")).split("\n");
    for (const writer of ["a", "b", "c"]) {
      const numbers = told.filter((id) => id.startsWith(`${writer}-`)).map((id) => Number(id.slice(2)));
      // One that was late for its file may be told after the first of the next file.
      equal(numbers.length, EVENTS_EACH);
      equal(numbers.toSorted((a, b) => a - b).findIndex((number, index) => number !== index), -1);
    }
  },
});

Deno.test({
  ...requires("events: half an event, left by a full disk, hides none behind it", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await run(box, "before", 0);
    for (const size of [3, 40, 100]) {
      await Deno.writeFile(`${box.state}/events`, filler(1000).subarray(0, size), { append: true });
      await run(box, `after-${size}`, 0);
    }
    const { stdout } = await box.run(
      ...PAST,
      "-f",
      "event=destroy",
      "--format",
      "{{.Actor.Attributes.name}}",
    );
    deepEqual(stdout, "before\nafter-3\nafter-40\nafter-100\n");
  },
});

const ROOT = new URL("../..", import.meta.url).pathname;

function sleep(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}

/** One frame of an event that nobody looks for, so long. */
function filler(size: number): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify({ action: "none", id: "x", name: "", image: "", labels: {}, rest: "" });
  const content = new TextEncoder().encode(
    text.replace('"rest":""', `"rest":"${"x".repeat(size - 32 - text.length)}"`),
  );
  const bytes = new Uint8Array(32 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(Date.now() / 1000), true);
  view.setUint32(16, content.length, true);
  bytes.set(content, 32);
  return bytes;
}
