/** What holds for the plans of exec: whoever is in the container already can not use the newcomer's way in. */

import { CLONE } from "../../ffi/constants/clone.ts";
import { O, RESOLVE } from "../../ffi/constants/open.ts";
import { PR } from "../../ffi/constants/process.ts";
import type { Call } from "../../src/plan/operation.ts";
import type { Rule } from "./order_rules.ts";
import { fieldOf, has, isCall, slotOf } from "./plan_reader.ts";

const isJoin = ({ name }: Call) => name === "setns";
/** Calls that follow a path of the container's. */
const FOLLOWING = new Set(["openat", "openat2", "chdir", "execve"]);

export const EXEC_RULES: readonly Rule[] = [
  {
    name: "one process joins, once, hidden before that; the monitor never does",
    broken(plan) {
      const joiner = plan.of("joiner");
      const join = joiner.findIndex(isJoin);
      const hidden = joiner.findIndex((call) => isCall(call, "prctl", PR.PR_SET_DUMPABLE, 0));
      // Whoever is born in the container's cgroup joins the view of it afterwards.
      const joins = plan.steps.filter(({ call, actor }) =>
        isJoin(call) && !(actor === "container" && call.args[1] === Number(CLONE.CLONE_NEWCGROUP))
      );
      return [
        ...(joins.length === 1 && join >= 0 ? [] : ["not one join by the joiner"]),
        ...(hidden >= 0 && hidden < join ? [] : ["not hidden before it joins"]),
      ];
    },
  },
  {
    name: "the joiner has the monitor's memory while that stands still, and leaves it the child",
    broken(plan) {
      const flagsOf = (process: string) =>
        fieldOf(plan.steps.find(({ call }) => call.starts === process)?.call.args[0], "flags");
      const joiner = plan.of("joiner");
      const isBehind = joiner.findIndex(isJoin) < joiner.findIndex(({ starts }) => starts === "container");
      return [
        ...(has(flagsOf("joiner"), CLONE.CLONE_VM | CLONE.CLONE_VFORK) ? [] : ["the monitor goes on"]),
        ...(has(flagsOf("container"), CLONE.CLONE_PARENT) ? [] : ["the child is the joiner's"]),
        ...(isBehind ? [] : ["the child is born outside"]),
      ];
    },
  },
  {
    name: "no directory of the machine is open when a path of the container is followed",
    broken(plan) {
      const directories = plan.before("container").filter(({ name, args }) =>
        name === "openat" && has(args[2], O.O_DIRECTORY)
      ).map(({ result }) => result);
      const { container } = plan;
      const first = container.findIndex(({ name }) => FOLLOWING.has(name));
      const isClosed = (directory: string | undefined) =>
        container.slice(0, first).some(({ name, args }) => name === "close" && slotOf(args[0]) === directory);
      return directories.filter((directory) => !isClosed(directory)).map(String);
    },
  },
  {
    name: "what was in the container before can not lead its streams elsewhere",
    broken: ({ container }) =>
      container.filter((call) =>
        call.args[1] === "/dev/null" &&
        !(call.name === "openat2" && has(fieldOf(call.args[2], "resolve"), RESOLVE.RESOLVE_NO_MAGICLINKS))
      ).map(({ name }) => name),
  },
];
