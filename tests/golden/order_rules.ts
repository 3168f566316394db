/** What holds for the order of every plan: the comments of other runtimes, as rules that are checked. */

import { CLONE } from "../../ffi/constants/clone.ts";
import { MS } from "../../ffi/constants/mount.ts";
import { CLOSE_RANGE } from "../../ffi/constants/open.ts";
import { PR, SIG, SIG_DFL } from "../../ffi/constants/process.ts";
import type { Call } from "../../src/plan/operation.ts";
import { isRootTheCaller } from "../../src/plan/id_maps.ts";
import { fieldOf, has, isCall, lastIndex, namesGiven, namesTaken, type ReadPlan } from "./plan_reader.ts";

/** A rule and what of a plan breaks it; nothing where it holds. */
export interface Rule {
  readonly name: string;
  readonly broken: (plan: ReadPlan) => readonly string[];
  /** Whether it is about how a container's root is made: exec makes none. */
  readonly isOfRoot?: true;
}

const MOUNTING = new Set([
  "mount",
  "open_tree",
  "fsopen",
  "fsconfig",
  "fsmount",
  "move_mount",
  "mount_setattr",
]);
const MAKING = new Set(["mkdirat", "mknodat"]);
const LAST_FD = 0xffff_ffff;

const isMounting = ({ name }: Call) => MOUNTING.has(name);
const isMaking = ({ name }: Call) => MAKING.has(name);
const isExec = ({ name }: Call) => name === "execve" || name === "execveat";
const isNamed = (name: string) => (call: Call) => call.name === name;
const isDeathSignal = (call: Call) => isCall(call, "prctl", PR.PR_SET_PDEATHSIG, SIG.SIGKILL);
const isNoNewPrivileges = (call: Call) => isCall(call, "prctl", PR.PR_SET_NO_NEW_PRIVS, 1);
const isTakingSource = ({ name, result, args }: Call) =>
  (name === "open_tree" && /^(root|lower|layers|source .*)$/.test(result ?? "")) ||
  args[1] === "/proc/self/ns/user";
const isDrop = (call: Call) => isCall(call, "prctl", PR.PR_CAPBSET_DROP);

/** Says what is wrong unless these hold. */
function unless(...rows: readonly (readonly [holds: boolean, problem: string])[]): readonly string[] {
  return rows.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** Names that are not in order, of those that the plan has. */
function outOfOrder(calls: readonly Call[], rows: readonly (readonly [string, (call: Call) => boolean])[]) {
  const places = rows.map(([name, fits]) => ({ name, at: lastIndex(calls, fits) })).filter(({ at }) =>
    at >= 0
  );
  return places.slice(1).flatMap(({ name, at }, index) => {
    const before = places[index]!;
    return before.at < at ? [] : [`${before.name} comes after ${name}`];
  });
}

export const ORDER_RULES: readonly Rule[] = [
  {
    name: "mounts are made private or slave, all of them, before any other mount call",
    isOfRoot: true,
    broken({ container }) {
      const first = container.find(isMounting)!;
      const isRoot = isCall(first, "mount", null, "/", null) && has(first.args[3], MS.MS_REC);
      const changes = has(first.args[3], MS.MS_PRIVATE) || has(first.args[3], MS.MS_SLAVE);
      return unless([isRoot && changes, `${first.name} comes first`]);
    },
  },
  {
    name: "what the monitor opens for the container leaves the host's peer group",
    broken: (plan) =>
      plan.of("monitor").filter(isNamed("open_tree")).filter(({ result }) =>
        !plan.of("monitor").some((call) =>
          call.name === "mount_setattr" && namesTaken(call).includes(result!) &&
          [MS.MS_PRIVATE, MS.MS_SLAVE].includes(Number(fieldOf(call.args[3], "propagation")) as never)
        )
      ).map(({ args }) => `${args[1]} stays shared`),
  },
  {
    name: "the monitor parts with the shared descriptors before it lets the container go on",
    broken(plan) {
      const monitor = plan.of("monitor");
      const letsGo = lastIndex(
        monitor,
        (call) => call.name === "write" && namesTaken(call).includes("line.monitor"),
      );
      return unless([letsGo < 0 || monitor[letsGo - 1]!.name === "unshare", "both still share them"]);
    },
  },
  {
    name: "namespaces of another container are entered by what ends then, users first",
    broken: (plan) =>
      plan.processes.flatMap((process) => {
        const kinds = plan.of(process).filter(isNamed("setns")).map(({ args }) => args[1]);
        const mayEnter = process === "visitor" || process === "joiner";
        return [
          // Of cgroups alone it is entered later: the group itself can only be entered from outside.
          ...(mayEnter || kinds.every((kind) => kind === Number(CLONE.CLONE_NEWCGROUP)) ? [] : [`${process} enters`]),
          ...kinds.slice(1).filter((kind) => kind === Number(CLONE.CLONE_NEWUSER)).map(() => "users come last"),
        ];
      }),
  },
  {
    name: "the container is cloned behind all joins, as a child of the monitor, with no namespace of both kinds",
    broken(plan) {
      const joiner = plan.of("joiner");
      if (joiner.length === 0) return [];
      const clone = joiner.findIndex(({ starts }) => starts === "container");
      const flags = fieldOf(joiner[clone]?.args[0], "flags");
      const joins = joiner.filter(isNamed("setns"));
      return unless(
        [lastIndex(joiner, isNamed("setns")) < clone, "a join behind the clone"],
        [has(flags, CLONE.CLONE_PARENT), "the joiner's child"],
        [joins.every(({ args }) => (flags & BigInt(Number(args[1]))) === 0n), "joined, and made anew"],
      );
    },
  },
  {
    name: "what enters another container hides before, and shows itself only in its own root",
    isOfRoot: true,
    broken(plan) {
      const monitor = plan.of("monitor");
      const first = monitor.findIndex((call) => call.starts === "visitor" || call.starts === "joiner");
      const hides = monitor.findIndex((call) => isCall(call, "prctl", PR.PR_SET_DUMPABLE, 0));
      const own = plan.container;
      const shows = own.findIndex((call) => isCall(call, "prctl", PR.PR_SET_DUMPABLE, 1));
      const isClosed = own.slice(0, Math.max(0, shows)).some((call) => isCall(call, "close_range", 5, 7));
      return unless(
        [first < 0 || hides >= 0 && hides < first, "it does not hide"],
        [first < 0 || shows < 0 || own.findIndex(isNamed("pivot_root")) < shows && isClosed, "it shows the machine"],
      );
    },
  },
  {
    name: "the root is entered once; everything is mounted before that and nothing after",
    isOfRoot: true,
    broken({ container }) {
      const pivot = container.findIndex(isNamed("pivot_root"));
      return unless(
        [pivot >= 0 && pivot === lastIndex(container, isNamed("pivot_root")), "no pivot_root, or two"],
        [lastIndex(container, isMounting) < pivot, "a mount call behind pivot_root"],
      );
    },
  },
  {
    name: "the old root is let go of right after the new one is entered, before the command",
    isOfRoot: true,
    broken({ container }) {
      const pivot = container.findIndex(isNamed("pivot_root"));
      const [fchdir, , umount, chdir] = container.slice(pivot - 1, pivot + 3);
      return unless(
        [fchdir !== undefined && fchdir.name === "fchdir", "not in the new root before pivot_root"],
        [isCall(umount!, "umount2", "."), "the old root stays mounted"],
        [isCall(chdir!, "chdir", "/"), "the working directory stays in the old root"],
        [pivot < container.findIndex(isExec), "the command comes before pivot_root"],
      );
    },
  },
  {
    name:
      "bounding set, groups, gid, uid, capabilities, death signal, no new privileges, command: in this order",
    broken: ({ container }) =>
      outOfOrder(container, [
        ["the last drop", isDrop],
        ["setgroups", isNamed("setgroups")],
        ["setresgid", isNamed("setresgid")],
        ["setresuid", isNamed("setresuid")],
        ["capset", isNamed("capset")],
        ["the death signal", isDeathSignal],
        ["no new privileges", isNoNewPrivileges],
        ["the command", isExec],
      ]),
  },
  {
    name: "the filter of system calls comes after all mounts, before the user changes for good",
    broken({ container, from }) {
      const filter = container.findIndex(isNamed("seccomp"));
      return unless(
        [(filter >= 0) === (from.host.seccomp !== undefined), "a filter that nobody wants, or none"],
        [filter < 0 || lastIndex(container, isMounting) < filter, "a mount behind the filter"],
        [filter < 0 || filter < lastIndex(container, isNamed("setresuid")), "the user changes first"],
      );
    },
  },
  {
    name: "each change of the uid is followed by the death signal, which it has cleared",
    broken({ container, from }) {
      // Where root inside has the caller's own ids, nothing changes.
      const { idMap } = from.host;
      const isOwn = idMap.kind !== "host" && isRootTheCaller(idMap);
      const changes = container.flatMap((call, index) => call.name === "setresuid" ? [index] : []);
      return changes.slice(isOwn ? 1 : 0).flatMap((at) => {
        const next = container.slice(at).findIndex(isDeathSignal);
        const between = container.slice(at + 1, at + Math.max(1, next));
        return unless([
          next > 0 && between.every(({ name }) => name === "capset" || name === "prctl"),
          `setresuid at ${at} without a death signal`,
        ]);
      });
    },
  },
  {
    name: "what comes from the host is taken with the caller's own rights, before the ids change",
    broken({ container, from }) {
      if (from.host.idMap.kind === "host") return [];
      const change = container.findIndex(isNamed("setresuid"));
      return container.slice(change).filter(isTakingSource).map(({ args }) => `${args[1]} is opened later`);
    },
  },
  {
    name: "the container ends with its monitor: by a death signal before anything else, relays as threads of it",
    broken: (plan) =>
      // The command's process is a child of process 1: it dies with the namespace. A joiner ends by itself.
      plan.processes.filter((process) => !["monitor", "command", "joiner"].includes(process)).flatMap((process) => {
        const clone = plan.steps.find(({ call }) => call.starts === process)!.call;
        const isThread = has(fieldOf(clone.args[0], "flags"), CLONE.CLONE_THREAD);
        const first = plan.of(process)[0]!;
        return unless([isThread || isDeathSignal(first), `${process} begins with ${first.name}`]);
      }),
  },
  {
    name: "modes are exact while files are made: umask 0 first, 022 or the asked one before the command",
    isOfRoot: true,
    broken({ container, from }) {
      const [zero, usual] = [0, from.spec.process.user?.umask ?? 0o022].map((mask) =>
        container.findLastIndex((call) => isCall(call, "umask", mask))
      );
      return unless(
        [zero! >= 0 && zero! < container.findIndex(isMaking), "a file is made before umask(0)"],
        [lastIndex(container, isMaking) < usual!, "a file is made after the last umask"],
        [usual! < container.findIndex(isExec), "no last umask before the command"],
      );
    },
  },
  {
    name: "close_range with CLOEXEC is the last call before the command, for every descriptor from 3 on",
    broken({ container }) {
      const before = container[container.findIndex(isExec) - 1]!;
      const closes = isCall(before, "close_range", 3, LAST_FD, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC);
      return unless([closes, `${before.name} comes last`]);
    },
  },
  {
    name: "a broken pipe ends the command as it does everywhere",
    broken({ container }) {
      const exec = container.findIndex(isExec);
      const restored = container.slice(0, exec).some((call) =>
        isCall(call, "rt_sigaction", SIG.SIGPIPE) && fieldOf(call.args[1], "handler") === BigInt(SIG_DFL)
      );
      return unless([restored, "SIGPIPE stays ignored"]);
    },
  },
  {
    name: "nothing but attempts to execute comes after the first of them",
    broken({ container }) {
      const attempts = container.slice(container.findIndex(isExec));
      return attempts.filter((call) => !isExec(call) || call.failure !== "attempt").map(({ name }) => name);
    },
  },
  {
    name: "a clone comes before all operations of what it starts",
    broken: (plan) =>
      plan.processes.filter((process) => process !== "monitor").flatMap((process) => {
        const clones = plan.steps.filter(({ call }) => call.starts === process);
        const clone = plan.steps.findIndex(({ call }) => call.starts === process);
        const parent = plan.parentOf(process);
        return unless(
          [clones.length === 1 && clones[0]!.actor === parent, `${clones.length} clones for ${process}`],
          [clone < plan.steps.findIndex(({ actor }) => actor === process), `${process} runs before its clone`],
        );
      }),
  },
  {
    name:
      "each name is known when it is used: from earlier in the process, or from the monitor before the clone",
    broken: (plan) =>
      plan.processes.flatMap((process) => {
        const known = new Set(plan.before(process).flatMap((call) => plan.namesAfter(call)));
        return plan.of(process).flatMap((call) => {
          const unknown = namesTaken(call).filter((name) => !known.has(name));
          for (const name of plan.namesAfter(call)) known.add(name);
          return unknown.map((name) => `${process}: ${call.name} takes ${name}`);
        });
      }),
  },
  {
    name: "no name is given twice in one process, but the root's once it is attached",
    broken: (plan) =>
      plan.processes.flatMap((process) => {
        const given = plan.of(process).flatMap(namesGiven);
        return given.filter((name, index) => name !== "root" && given.indexOf(name) !== index);
      }),
  },
  {
    name: "who the user is has been asked before it is used",
    broken({ container }) {
      const uses = (part: string) => (call: Call) =>
        call.args.some((arg) =>
          typeof arg === "object" && arg !== null && "answer" in arg &&
          (arg.answer === "all") === (part === "all")
        );
      const asked = container.findIndex(uses("all"));
      const home = (call: Call) =>
        call.args.some((arg) =>
          typeof arg === "object" && arg !== null && "home" in arg && arg.home === true
        );
      const first = container.findIndex((call) => uses("rest")(call) || home(call));
      return unless([asked >= 0 && (first < 0 || asked < first), "the answer is used before it is read"]);
    },
  },
];
