/** A rule that can't fail says nothing: each is shown a plan that breaks it. */

import { ok } from "node:assert/strict";
import { CLONE } from "../../ffi/constants/clone.ts";
import { O } from "../../ffi/constants/open.ts";
import { buildPlan } from "../../src/plan/build_plan.ts";
import { type Argument, type Call, call, type CallOptions, type Operation } from "../../src/plan/operation.ts";
import { DESCRIPTOR_RULES } from "./descriptor_rules.ts";
import { EXEC_PLANS } from "./exec_cases.ts";
import { EXEC_RULES } from "./exec_rules.ts";
import { ORDER_RULES } from "./order_rules.ts";
import { PLAN_CASES } from "./plan_cases.ts";
import { ReadPlan } from "./plan_reader.ts";
import { TEXT_RULES } from "./text_rules.ts";

const RULES = [...ORDER_RULES, ...DESCRIPTOR_RULES, ...TEXT_RULES];
const FROM = "root_overlay_volumes";

type Change = (operations: Operation[]) => void;

/** The operation with that label, to be changed. */
function find(operations: Operation[], label: string): { calls: Call[] } & Operation {
  const index = operations.findIndex((each) => each.label === label);
  ok(index >= 0, label);
  const copy = { ...operations[index]!, calls: [...operations[index]!.calls] };
  operations[index] = copy;
  return copy;
}

/** Changes arguments or options of the first call of an operation that has that name. */
function edit(
  label: string,
  name: string,
  args: Record<number, Argument>,
  options: CallOptions = {},
): Change {
  return (operations) => {
    const { calls } = find(operations, label);
    const at = calls.findIndex((call) => call.name === name);
    const changed = calls[at]!.args.map((arg, index) => index in args ? args[index]! : arg);
    calls[at] = { ...calls[at]!, args: changed, ...options };
  };
}

/** Leaves out an operation's calls of that name. */
function without(label: string, name: string): Change {
  return (operations) => {
    const { calls } = find(operations, label);
    calls.splice(0, calls.length, ...calls.filter((call) => call.name !== name));
  };
}

/** Puts an operation before another one. */
function move(label: string, before: string): Change {
  return (operations) => {
    const from = operations.findIndex((each) => each.label === label);
    const [moved] = operations.splice(from, 1);
    operations.splice(operations.findIndex((each) => each.label === before), 0, moved!);
  };
}

function reword(label: string, words: Partial<Operation>): Change {
  return (operations) => {
    Object.assign(find(operations, label), words);
  };
}

const how = (resolve: bigint) => ({ struct: "open_how", fields: { flags: BigInt(O.O_CLOEXEC), resolve } });

/** The monitor itself enters another container. */
function enterItself(operations: Operation[]): void {
  operations.push({
    ...find(operations, "keep only what the wait needs"),
    calls: [call("setns", [8, Number(CLONE.CLONE_NEWNET)])],
  });
}

/** Joins the users behind all else. */
function joinUsersLast(operations: Operation[]): void {
  find(operations, "join the other container").calls.push(call("setns", [8, Number(CLONE.CLONE_NEWUSER)]));
}

const clone = (flags: bigint) => ({ struct: "clone_args", fields: { flags } });
const { CLONE_PARENT, CLONE_NEWIPC } = CLONE;

const BREAKS: readonly (readonly [rule: string, change: Change, of?: string])[] = [
  ["namespaces of another container", enterItself],
  ["namespaces of another container", joinUsersLast, "root_joined"],
  ["the container is cloned", move("create the namespaces", "join the other container"), "root_joined"],
  ["the container is cloned", edit("create the namespaces", "clone3", { 0: clone(0n) }), "root_joined"],
  [
    "the container is cloned",
    edit("create the namespaces", "clone3", { 0: clone(CLONE_PARENT | CLONE_NEWIPC) }),
    "root_joined",
  ],
  ["what enters another", move("hide from the other container", "join the other container"), "root_joined"],
  ["what enters another", without("show the root to myctr", "close_range"), "rootless_joined"],
  ["what enters another", move("show the root to myctr", "enter the root"), "rootless_joined"],
  ["what the visitor takes", edit("open the shared memory", "openat2", { 2: how(0n) }), "root_joined"],
  ["what the visitor takes", edit("open the shared memory", "open_tree", { 1: "x" }), "root_joined"],
  ["mounts are made private", move("keep mounts private", "mount /dev")],
  ["mounts are made private", edit("keep mounts private", "mount", { 3: 0 })],
  ["what the monitor opens", without("shift the ids of /srv/debian", "mount_setattr")],
  ["the monitor parts", without("hand the mounts over", "unshare")],
  ["the root is entered once", move("mount /dev", "set the host name 0123456789ab")],
  ["the old root is let go", without("enter the root", "umount2")],
  ["the old root is let go", without("enter the root", "fchdir")],
  ["bounding set", move("become user 0", "give up capabilities")],
  ["the filter of system calls", move("filter system calls", "mount /proc")],
  ["the filter of system calls", move("filter system calls", "run true")],
  ["each change of the uid", without("become root inside", "prctl")],
  ["what comes from the host", move("become root inside", "start a session in the container")],
  ["the container ends with its monitor", move("wait for myctr", "follow the monitor")],
  [
    "the container ends with its monitor",
    edit("start the stdout relay", "clone3", { 0: { struct: "clone_args", fields: { flags: CLONE.CLONE_VM } } }),
  ],
  ["modes are exact", without("start a session in the container", "umask")],
  ["modes are exact", edit("put the settings back", "umask", { 0: 0 })],
  ["close_range with CLOEXEC", edit("put the settings back", "close_range", { 2: 0 })],
  ["close_range with CLOEXEC", edit("put the settings back", "close_range", { 0: 4 })],
  ["a broken pipe", without("put the settings back", "rt_sigaction")],
  ["nothing but attempts", move("run true", "change to the working directory /")],
  ["a clone comes before", move("set up the stdout relay", "start the stdout relay")],
  ["each name is known", move("make the line between monitor and container", "hand the mounts over")],
  ["no name is given twice", edit("show the user namespace", "openat", {}, { result: "stage" })],
  ["who the user is", move("ask who the user is", "run true")],
  ["a tree that the monitor", without("shift the ids of /srv/debian", "close")],
  ["every new descriptor", edit("show the user namespace", "openat", { 2: 0 })],
  ["every new descriptor", edit("show the user namespace", "dup3", { 2: 0 })],
  ["whatever gives", edit("start a session in the container", "setsid", {}, { result: "session" })],
  ["openat2 never", edit("mount /proc", "openat2", { 2: how(0n) })],
  ["openat2 never", edit("mount /proc", "openat2", { 1: "/proc" })],
  ["a mount goes to", edit("mount /proc", "move_mount", { 2: -100, 3: "root/proc", 4: 4 })],
  ["a mount goes to", edit("mount /data", "openat2", { 2: how(0n) })],
  ["the stage is mounted once", edit("lay out the overlay", "move_mount", { 2: -100, 3: "/tmp" })],
  ["the stage is mounted once", edit("keep mounts private", "mount", { 0: "overlay", 1: "root", 2: "overlay", 3: 0 })],
  ["directories, files and links", edit("mount /data", "mkdirat", { 1: "../data" })],
  ["directories, files and links", edit("link the streams into /dev", "symlinkat", { 2: "/fd" })],
  ["a tree is taken", edit("make /proc/bus read-only", "open_tree", { 1: "etc/bus" })],
  ["the attributes of a mount", edit("make /proc/bus read-only", "mount_setattr", { 1: "proc/bus" })],
  ["a shared descriptor", edit("lay out the overlay", "move_mount", { 0: 99 })],
  ["a shared descriptor", move("show the user namespace", "mount /proc")],
  ["each operation does something", reword("mount /proc", { calls: [] })],
  ["a label can stand", reword("mount /proc", { label: "mount /proc." })],
  ["a label begins", reword("mount /proc", { label: "the mount" })],
  ["a reason is one sentence", reword("mount /proc", { reason: "One. Two." })],
  ["a reason has at most", reword("mount /proc", { reason: "Word ".repeat(21) })],
  ["a reason begins", reword("mount /proc", { reason: "because." })],
  ["a reason has no code", reword("mount /proc", { reason: "With MS_BIND." })],
  ["a shell command", reword("mount /proc", { shell: "" })],
  ["a man page", reword("mount /proc", { man: "mount" })],
  ["words that need it", reword("mount /proc", { reason: "It needs a new inode." })],
  ["labels tell", reword("mount /proc", { label: "mount /sys" })],
];

const EXEC_BREAKS: readonly (readonly [rule: string, change: Change])[] = [
  ["one process joins", without("hide the process", "prctl")],
  ["one process joins", move("join the container", "hide the process")],
  ["one process joins", enterItself],
  [
    "the joiner has the monitor's memory",
    edit("start the joiner", "clone3", { 0: { struct: "clone_args", fields: {} } }),
  ],
  ["the joiner has the monitor's memory", move("start the command's process", "join the container")],
  ["no directory of the machine", without("close what is outside", "close")],
  ["no directory of the machine", move("open /dev/null", "close what is outside")],
  ["what was in the container", edit("open /dev/null", "openat2", { 2: how(0n) })],
];

for (const [name, change] of EXEC_BREAKS) {
  Deno.test(`the rule "${name} …" sees what breaks it: ${EXEC_BREAKS.findIndex((row) => row[1] === change)}`, () => {
    const { from, plan } = EXEC_PLANS.find((each) => each.from.name === "exec_root")!;
    const operations = [...plan.operations];
    change(operations);
    const rule = EXEC_RULES.find((each) => each.name.startsWith(name))!;
    ok(rule.broken(new ReadPlan(from, { operations })).length > 0);
  });
}

for (const [name, change, of = FROM] of BREAKS) {
  Deno.test(`the rule "${name} …" sees what breaks it: ${BREAKS.findIndex((row) => row[1] === change)}`, () => {
    const from = PLAN_CASES.find((each) => each.name === of)!;
    const operations = [...buildPlan(from.spec, from.host).operations];
    change(operations);
    const rule = RULES.find((each) => each.name.startsWith(name))!;
    ok(rule.broken(new ReadPlan(from, { operations })).length > 0);
  });
}

for (const { name } of [...RULES, ...EXEC_RULES]) {
  Deno.test(`the rule "${name}" has been seen to fail`, () => {
    ok([...BREAKS, ...EXEC_BREAKS].some(([start]) => name.startsWith(start)));
  });
}
