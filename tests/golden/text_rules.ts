/** What holds for the words of every plan: they are read by people who see all this for the first time. */

import { isHouseMessage } from "../lint/house_style.ts";
import type { Operation } from "../../src/plan/operation.ts";
import type { Rule } from "./order_rules.ts";

const MAX_WORDS = 20;

/** Words that need an explanation: allowed once an operation named with them has said what they are. */
const JARGON = [
  "capabilit",
  "cgroup",
  "fd",
  "fstype",
  "hook",
  "inode",
  "mountpoint",
  "namespace",
  "netlink",
  "propagation",
  "rootfs",
  "syscall",
  "tty",
  "userns",
] as const;

/** The verbs that "Cannot" is followed by. */
const VERBS = new Set(
  ("ask attach become begin bring change clean close connect copy count create end enter filter follow forward give hand hide " +
    "ignore join keep lay leave let limit link make map mount name open put remove run see set shift show start take tell wait")
    .split(" "),
);

/** Lists the words of a reason that no operation up to this one has in its name. */
function unexplained(operation: Operation, before: readonly Operation[]): readonly string[] {
  const words = (text: string, stem: string) => new RegExp(`\\b${stem}`, "i").test(text);
  return JARGON.filter((stem) =>
    words(operation.reason, stem) && ![...before, operation].some(({ label }) => words(label, stem))
  );
}

/** A rule about single operations. */
function each(name: string, isRight: (operation: Operation) => boolean): Rule {
  return {
    name,
    broken: ({ plan }) =>
      plan.operations.filter((operation) => !isRight(operation)).map(({ label, reason, shell, man }) =>
        [label, reason, shell, man].join(" | ")
      ),
  };
}

export const TEXT_RULES: readonly Rule[] = [
  each(
    "each operation does something",
    ({ actor, calls, action }) =>
      actor === "myctr" ? action !== undefined && calls.length === 0 : calls.length > 0,
  ),
  each("a label can stand behind Cannot", ({ label }) => isHouseMessage(`Cannot ${label}`)),
  each("a label begins with a verb", ({ label }) => VERBS.has(label.split(" ", 1)[0]!)),
  each(
    "a reason is one sentence with a period",
    ({ reason }) => /^[^.]*\w(\.\w+)*[^.]*\.$/.test(sentence(reason)),
  ),
  each(`a reason has at most ${MAX_WORDS} words`, ({ reason }) => reason.split(/\s+/).length <= MAX_WORDS),
  each("a reason begins as a sentence does", ({ reason }) => /^([A-Z]|myctr )/.test(reason)),
  each(
    "a reason has no code, path of a header or flag in it",
    ({ reason }) => !/[`{}|$]|[A-Z]+_[A-Z]+/.test(reason),
  ),
  each("a shell command stands beside it", ({ shell }) => shell.trim() !== ""),
  each("a man page is named", ({ man }) => /^\w+\(\d\)$/.test(man)),
  {
    name: "words that need it have been explained",
    broken: ({ plan: { operations } }) =>
      operations.flatMap((operation, index) =>
        unexplained(operation, operations.slice(0, index)).map((word) => `${word}: ${operation.reason}`)
      ),
  },
  {
    name: "labels tell the operations of a process apart, but for one host path that is opened twice",
    broken: ({ plan: { operations } }) => {
      const labels = operations.filter(({ label }) => !/^(open|shift the ids of) /.test(label))
        .map(({ actor, label }) => `${actor}: ${label}`);
      return labels.filter((label, index) => labels.indexOf(label) !== index);
    },
  },
];

/** An address such as 127.0.0.1 has periods that end nothing. */
function sentence(reason: string): string {
  return reason.replace(/\d+(\.\d+)+/g, "0");
}
