/** What --dry-run prints is what the kernel sees: each process of the program compared, call by call, with strace. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { renderOpenFlags } from "../../ffi/constants/open.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { difference } from "./call_match.ts";
import { startOther } from "./robust_harness.ts";
import { readCalls, readProgram, type Traced } from "./strace_log.ts";

/** `args` stand behind `run --rm`; ROOT is the box's root, WORK its directory. */
const CASES: readonly { readonly args: string; readonly isForRoot?: true; readonly hasOther?: true }[] = [
  { args: "host true" },
  { args: "--rootfs ROOT true" },
  { args: "--rootfs ROOT /bin/true" },
  { args: "--rootfs ROOT:O true" },
  { args: "--rootfs-tmpfs --rootfs ROOT:O true" },
  { args: "-i --rootfs ROOT cat" },
  { args: "-t --rootfs ROOT true" },
  { args: "-t -u app --rootfs ROOT:O true" },
  { args: "-v WORK:/data:ro --rootfs ROOT true" },
  { args: "--tmpfs /scratch:size=1m,mode=700 --rootfs ROOT true" },
  { args: "--read-only --rootfs ROOT true" },
  { args: "-u app --rootfs ROOT true" },
  { args: "-u app --cap-add NET_RAW --cap-drop CHOWN --rootfs ROOT true" },
  { args: "--network host --rootfs ROOT true" },
  { args: "--privileged --rootfs ROOT true" },
  { args: "--hostname box -w /tmp -e A=b --rootfs ROOT true" },
  {
    args:
      "--security-opt no-new-privileges --security-opt mask=/home:/etc/group --security-opt unmask=ALL --rootfs ROOT true",
  },
  {
    args:
      "--device /dev/zero:/dev/a/b --device /dev/full:/full --ulimit nofile=64 --umask 0 --group-add 5 --sysctl net.ipv4.ip_forward=1 --shm-size 4k --rootfs ROOT true",
  },
  { args: "--userns host --device /dev/zero:/dev/a/b --rootfs ROOT true", isForRoot: true },
  { args: "--pid host --ipc host --uts host --rootfs ROOT true" },
  { args: "--userns host --rootfs ROOT true", isForRoot: true },
  { args: "--uidmap 0:1:1000 --uidmap 1000:0 --rootfs ROOT true" },
  { args: "--uidmap 0:0 --rootfs ROOT:O true" },
  { args: "--network container:other --rootfs ROOT true", hasOther: true },
  {
    args: "--network container:other --pid container:other --ipc container:other --rootfs ROOT:O true",
    hasOther: true,
  },
];

for (const { user, needs } of USERS) {
  for (const { args, isForRoot, hasOther } of CASES) {
    if (isForRoot && user !== "root") continue;
    Deno.test({
      ...requires(
        `honesty: strace sees what --dry-run says of "run ${args}", as ${user}`,
        "strace",
        ...needs,
      ),
      async fn() {
        await using box = await openBox({ user });
        const words = args.replace("ROOT", box.rootfs).replace("WORK", box.work).split(" ");
        await using other = hasOther ? await startOther(box) : undefined;
        const dry = await box.run("run", "--dry-run", "--rm", ...words);
        equal(dry.code, 0, dry.stderr);
        const plan = readPlan(maskIds(dry.stdout));
        const program = readProgram(maskIds(await trace(box, ["run", "--rm", ...words])));
        const [container, ...relays] = program.children;
        const helperActors = Array.from(plan.keys()).filter((actor) => /^The (visitor|joiner)/.test(actor));
        equal(program.helpers.length, helperActors.length);
        const relayActors = Array.from(plan.keys()).filter(isThread);
        equal(relays.length, relayActors.length);
        const differences = [
          ...compare("monitor", callsOf(plan, "The monitor"), withoutEnd(program.monitor)),
          ...helperActors.flatMap((actor, index) =>
            compare(actor, plan.get(actor)!, withoutEnd(program.helpers[index]!))
          ),
          ...compare("container", callsOf(plan, "The container"), untilCommand(container!)),
          ...relayActors.flatMap((actor, index) =>
            compare(actor, plan.get(actor)!, withoutCopies(relays[index]!))
          ),
        ];
        equal(differences.join("\n"), "");
        if (other !== undefined) await box.run("rm", "-f", "other");
      },
    });
  }

  Deno.test({
    ...requires(`honesty: --dry-run makes, mounts and writes nothing, as ${user}`, "strace", ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["run", "--dry-run", "--rm", "--rootfs", `${box.rootfs}:O`, "true"];
      // The first run fills the cache of compiled code, which is Deno's own and no part of what is run.
      await box.run(...words);
      const log = await trace(box, words, ["-yy"]);
      const calls = Array.from(readCalls(log).values()).flat();
      deepEqual(calls.filter(isEffect), []);
      ok(calls.some(({ call }) => /^write\(1<.*mount/.test(call)), "the plan was not printed");
      deepEqual(Array.from(Deno.readDirSync(box.state)), []);
    },
  });
}

/** Calls that would change something. Threads are clones without a new namespace. */
const EFFECTS =
  /^(mount|umount2|fsopen|fsmount|move_mount|open_tree|pivot_root|mkdir|mkdirat|mknod|mknodat|symlink|symlinkat|unshare|setns|sethostname|rename|renameat2?|unlink|unlinkat|rmdir|link|linkat|chown|fchown|fchownat|chmod|fchmod|fchmodat2?)\(/;
const CLONE_OF_A_NAMESPACE = /^(clone|clone3)\(.*CLONE_NEW/;
const WRITE = /^(write|writev|pwrite64|sendto|sendmsg|ftruncate)\((\d+)<([^>]*)/;

/** What has failed has no effect: where there is no cache to be had, Deno still tries to make its directories. */
function isEffect({ call, result }: Traced): boolean {
  if (CLONE_OF_A_NAMESPACE.test(call)) return true;
  if (result.startsWith("-1")) return false;
  if (EFFECTS.test(call)) return !call.includes("_cache_v2");
  const [, , fd, target = ""] = WRITE.exec(call) ?? [];
  if (fd === undefined || fd === "1") return false;
  // Threads wake each other by event counters and pipes; the executable keeps its text in memory (memfd), and compiled
  // code in a cache.
  return !/^(anon_inode:|pipe:|UNIX|\/memfd:myctr$)/.test(target) && !target.includes("_cache_v2");
}

/** Runs myctr under strace; gives the log. strace runs as root, so that set-user-id programs keep their rights. */
async function trace(box: Box, args: readonly string[], options: readonly string[] = []): Promise<string> {
  const path = `${box.directory}/strace`;
  const strace = ["strace", "-f", "-v", "-qq", "-s", "65536", ...options, "-o", path];
  const [program = "", ...words] = [...strace, ...box.command(...args)];
  const { code, stderr } = await new Deno.Command(program, {
    args: words,
    cwd: box.work,
    env: box.env,
    clearEnv: true,
    stdin: "null",
  })
    .output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return await Deno.readTextFile(path);
}

/** Every container has another id, and every plan too. */
function maskIds(text: string): string {
  // Where another container is joined, its id is read first; the new one's is the one that is made.
  const id = (/\.new-([0-9a-f]{64})/.exec(text) ?? /containers\/([0-9a-f]{64})\//.exec(text))?.[1] ?? "";
  return text.replaceAll(id, "ID").replaceAll(id.slice(0, 12), "SHORT-ID-12x");
}

/** Reads a plan as printed: calls by the heading they stand under. */
function readPlan(text: string): ReadonlyMap<string, readonly string[]> {
  const plan = new Map<string, string[]>();
  let heading = "";
  for (const line of text.split("\n")) {
    if (/^\S/.test(line)) heading = line;
    const [, call] = /^ {9}(\S.*)$/.exec(line) ?? [];
    if (call !== undefined) plan.set(heading, [...plan.get(heading) ?? [], call]);
  }
  return plan;
}

function callsOf(plan: ReadonlyMap<string, readonly string[]>, beginning: string): readonly string[] {
  const calls = Array.from(plan).find(([heading]) => heading.startsWith(beginning))![1];
  // The command is looked for in one directory after the other: as many attempts as it takes.
  if (beginning === "The container") return calls;
  // The clean-up comes where myctr is gone.
  return calls.filter((call) => !call.startsWith("execveat("));
}

/** A process that has nothing more to do ends. */
function withoutEnd(calls: readonly Traced[]): readonly Traced[] {
  const last = calls.at(-1);
  if (last?.call !== "exit_group(0)") throw new Error(`the last call is ${last?.call}`);
  return calls.slice(0, -1);
}

/** The program's part of the container: the rest is the command's. A failed attempt is written down; that is no step. */
function untilCommand(calls: readonly Traced[]): readonly Traced[] {
  const end = calls.findIndex(({ call, result }) => call.startsWith("execve(") && result === "0");
  if (end < 0) throw new Error("the command was not executed");
  return calls.slice(0, end + 1).filter(({ call }, index) =>
    !(call.startsWith("write(4") && calls[index - 1]?.call.startsWith("execve("))
  );
}

/** A relay copies and keeps as often as there is something: its calls stand once in the plan. */
function withoutCopies(calls: readonly Traced[]): readonly Traced[] {
  const first = calls.findIndex(({ call }) => FIRST_WAIT.test(call));
  if (first < 0) return calls;
  const copies = calls.slice(first).filter(({ call }) => call !== "exit(0)");
  const wrong = copies.filter(({ call }) =>
    !/^(read\(0|accept4\(0|write\([13]|ppoll\(\[\{fd=[01],|clock_gettime\(CLOCK_REALTIME)/.test(call)
  );
  return [...calls.slice(0, first), ...wrong];
}

/** Threads of the monitor: each goes on until the monitor ends, and some have nothing to do then. */
function isThread(actor: string): boolean {
  return /^The (relay|door|guard)/.test(actor);
}

/** The first call of a thread that waits, or is made again and again. */
const FIRST_WAIT = /^(read|accept4|ppoll)\(/;

/** strace has no names for the flags with which a terminal is opened by its master. */
function named(call: string): string {
  return call.replace(
    /(TIOCGPTPEER, )(0x[0-9a-f]+)/,
    (_, request, flags) => request + renderOpenFlags(Number(flags)),
  );
}

/** Lists the differences between what a process was to do and what it did. */
function compare(actor: string, planned: readonly string[], traced: readonly Traced[]): string[] {
  const ours = isThread(actor)
    ? planned.slice(0, planned.findIndex((call) => FIRST_WAIT.test(call)))
    : planned;
  const attempts = traced.length - ours.findIndex((call) => call.startsWith("execve("));
  const made = actor === "container"
    ? ours.slice(0, ours.findIndex((c) => c.startsWith("execve(")) + attempts)
    : ours;
  const wrong = made.flatMap((call, index) => {
    const found = difference(call, named(traced[index]?.call ?? "nothing()"));
    return found === undefined ? [] : [`${actor} ${index}: ${found}`];
  });
  if (traced.length > made.length) wrong.push(`${actor}: more: ${traced[made.length]!.call}`);
  return wrong;
}

const PAIRS = [
  { planned: "fchdir({root})", traced: "fchdir(7)", isSame: true },
  { planned: "fchdir({root})", traced: "chdir(7)", isSame: false },
  { planned: 'umount2(".", MNT_DETACH)', traced: 'umount2("..", MNT_DETACH)', isSame: false },
  { planned: "unshare(CLONE_NEWNS|CLONE_NEWPID)", traced: "unshare(CLONE_NEWPID|CLONE_NEWNS)", isSame: true },
  { planned: "unshare(CLONE_NEWNS|CLONE_NEWPID)", traced: "unshare(CLONE_NEWNS)", isSame: false },
  { planned: "write(4, {3, 0}, 16)", traced: 'write(4, "\\3' + "\\0".repeat(15) + '", 16)', isSame: true },
  { planned: "write(4, {3, 0}, 16)", traced: 'write(4, "\\4' + "\\0".repeat(15) + '", 16)', isSame: false },
  { planned: 'execve("/a", ["HOME={home}"])', traced: 'execve("/a", ["HOME=/root"])', isSame: true },
  { planned: 'execve("/a", ["HOME={home}"])', traced: 'execve("/a", ["HOME=/root", "B=c"])', isSame: false },
  { planned: "x({a=1, b=A|B})", traced: "x({a=1, b=B|A})", isSame: true },
  { planned: "x({a=1, b=A|B})", traced: "x({a=2, b=B|A})", isSame: false },
];

for (const { planned, traced, isSame } of PAIRS) {
  Deno.test(`difference() finds ${isSame ? "none" : "one"} between ${planned} and ${traced}`, () => {
    equal(difference(planned, traced) === undefined, isSame);
  });
}
