/**
 * What is known of a word: a step of a plan, a system call, an error number, an exit code, a namespace, a constant.
 * All of it comes from plans and from the tables that the program itself is made by. Pure.
 */

import { CLONE } from "../../ffi/constants/clone.ts";
import { ERRNO, errnoName, errnoText } from "../../ffi/constants/errno.ts";
import { SIG } from "../../ffi/constants/process.ts";
import { renderName } from "../../ffi/constants/render.ts";
import { SYSCALLS } from "../../ffi/constants/syscalls.ts";
import { type HintRule, HINTS } from "./hints.ts";
import { NAMESPACE_FLAG, NAMESPACE_OPTION } from "./namespace_words.ts";
import type { Operation, Plan } from "./operation.ts";
import { renderCall } from "./render_call.ts";

/** One thing that a word may mean. */
export interface Explanation {
  readonly title: string;
  /** Terms, such as `why` and `call`, and what is said for each. */
  readonly rows: readonly (readonly [term: string, text: string])[];
}

/** Exit codes of `run`, in README's words: a test compares them. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  125: "myctr itself failed: a wrong flag, a missing root, a step of the start",
  126: "the command is there but can not be executed",
  127: "the command, or the interpreter it asks for, is not there",
  255: "the time of `--timeout` was over, however the command ended then",
};

/** What each kind of namespace keeps apart, and where to read on. Source: namespaces(7). */
const NAMESPACES: Readonly<Record<keyof typeof NAMESPACE_FLAG, readonly [man: string, why: string]>> = {
  user: [
    "user_namespaces(7)",
    "User ids, group ids and capabilities: root inside is nobody special outside.",
  ],
  mount: ["mount_namespaces(7)", "The tree of mounts: what is mounted inside is not seen outside."],
  pid: ["pid_namespaces(7)", "Process numbers: the first process inside is 1, and none outside can be seen."],
  network: [
    "network_namespaces(7)",
    "Network devices, addresses, ports, rules, and sockets in the abstract namespace.",
  ],
  ipc: ["ipc_namespaces(7)", "System V shared memory, semaphores and messages, and POSIX message queues."],
  uts: ["uts_namespaces(7)", "The host name and the domain name."],
  cgroup: ["cgroup_namespaces(7)", "The view of cgroups: the container's own is the top of the tree."],
};

/** Explains a word by sample plans; several meanings stand one after the other, none is an empty list. */
export function explainWord(word: string, plans: readonly Plan[]): readonly Explanation[] {
  const operations = distinctOperations(plans);
  const exact = [
    ...explainExitCode(word),
    ...explainErrno(word, operations),
    ...explainNamespace(word, operations),
    ...explainCall(word, operations),
    ...operations.filter(({ label }) => label === word).map(explainOperation),
  ];
  if (exact.length > 0) return exact;
  const constant = explainConstant(word, operations);
  if (constant.length > 0) return constant;
  // "proc" for "mount /proc": better than a suggestion, where it is not most of the plan.
  const within = operations.filter(({ label }) => label.includes(word));
  return word.length >= MIN_PART && within.length <= MAX_PARTS ? within.map(explainOperation) : [];
}

const MIN_PART = 3;
const MAX_PARTS = 6;

/** Lists the words that have an explanation, for suggestions and completion. */
export function explainedWords(plans: readonly Plan[]): readonly string[] {
  return [
    ...distinctOperations(plans).map(({ label }) => label),
    ...Object.keys(SYSCALLS),
    ...Object.keys(ERRNO),
    ...Object.keys(EXIT_MEANINGS),
    ...Object.keys(NAMESPACES),
  ];
}

/** The first of each label. */
function distinctOperations(plans: readonly Plan[]): readonly Operation[] {
  const found = new Map<string, Operation>();
  for (const { operations } of plans) {
    for (const operation of operations) {
      if (!found.has(operation.label)) found.set(operation.label, operation);
    }
  }
  return [...found.values()];
}

/** Explains one step. */
export function explainOperation(
  { label, actor, reason, shell, man, calls, action }: Operation,
): Explanation {
  const rules = HINTS.filter((rule) =>
    calls.some(({ name }) => name === rule.call) && (rule.label?.test(label) ?? true)
  );
  return {
    title: `${label}: a step of ${actor === "myctr" ? actor : `the ${actor}`}`,
    rows: [
      ["why", reason],
      ...(action === undefined ? [] : [["does", action] as const]),
      ...calls.map((call) => ["call", renderCall(call)] as const),
      ["shell", shell],
      ["man", man],
      ...rules.map(renderHint),
    ],
  };
}

function renderHint({ call, errno, hint }: HintRule): readonly [string, string] {
  return ["fails", `${call}() = ${errno}: ${hint}`];
}

function explainErrno(word: string, operations: readonly Operation[]): readonly Explanation[] {
  const name = /^\d+$/.test(word) ? errnoName(Number(word)) : word.toUpperCase();
  if (!Object.hasOwn(ERRNO, name)) return [];
  const number = ERRNO[name as keyof typeof ERRNO];
  const rules = HINTS.filter(({ errno }) => errno === name);
  return [{
    title: `${name}: error number ${number}, ${errnoText(number)}`,
    rows: [
      ...rules.map((rule) => ["fails", `${describeSteps(rule, operations)}: ${rule.hint}`] as const),
      ["man", "errno(3)"],
    ],
  }];
}

/** The call, and of the steps that make it the one that the hint is about. */
function describeSteps({ call, label }: HintRule, operations: readonly Operation[]): string {
  if (label === undefined) return `${call}()`;
  const step = operations.find((each) =>
    label.test(each.label) && each.calls.some(({ name }) => name === call)
  );
  return step === undefined ? `${call}()` : `${call}() in "${step.label}"`;
}

function explainExitCode(word: string): readonly Explanation[] {
  const code = /^\d{1,3}$/.test(word) ? Number(word) : 0;
  const meaning = EXIT_MEANINGS[code];
  if (meaning !== undefined) return [{ title: `${code}: exit code of run`, rows: [["means", meaning]] }];
  const signal = renderName(SIG, code - 128);
  if (code <= 128 || !signal.startsWith("SIG")) return [];
  const rows = [
    ["means", `the command was killed by signal ${code - 128}, ${signal}`],
    ...(signal === "SIGKILL"
      ? [
        [
          "also",
          "the process that watches the container was killed, or memory ran out: look in dmesg",
        ] as const,
      ]
      : []),
    ["man", "signal(7)"],
  ] as const;
  return [{ title: `${code}: exit code of run`, rows }];
}

function explainNamespace(word: string, operations: readonly Operation[]): readonly Explanation[] {
  const type = word === "net" ? "network" : word;
  if (!Object.hasOwn(NAMESPACES, type)) return [];
  const kind = type as keyof typeof NAMESPACES;
  const [man, why] = NAMESPACES[kind];
  const flag = renderName(CLONE, NAMESPACE_FLAG[kind]);
  const maker = operations.find((each) => each.calls.some((call) => renderCall(call).includes(flag)));
  return [{
    title: `${kind}: a namespace`,
    rows: [
      ["why", why],
      ["flag", flag],
      ...(maker === undefined ? [] : [["step", maker.label] as const]),
      ["shell", `unshare ${NAMESPACE_OPTION[kind]}`],
      ["man", man],
    ],
  }];
}

function explainCall(word: string, operations: readonly Operation[]): readonly Explanation[] {
  const name = word.replace(/\(\d?\)$/, "");
  if (!Object.hasOwn(SYSCALLS, name)) return [];
  const uses = operations.filter(({ calls }) => calls.some((call) => call.name === name));
  return [{
    title: `${name}(): a system call`,
    rows: [
      ...uses.slice(0, MAX_USES).map((use) => ["step", `${use.label}: ${use.reason}`] as const),
      ...(uses.length > MAX_USES ? [["step", `and ${uses.length - MAX_USES} more`] as const] : []),
      ...uses.slice(0, 1).flatMap(({ calls }) => calls).filter((call) => call.name === name).slice(0, 1)
        .map((call) => ["call", renderCall(call)] as const),
      ["man", `${name}(2)`],
      ...HINTS.filter(({ call }) => call === name).map(renderHint),
    ],
  }];
}

const MAX_USES = 8;

/** A constant is whatever calls show in capitals: where it is used tells what it is for. */
function explainConstant(word: string, operations: readonly Operation[]): readonly Explanation[] {
  const name = word.toUpperCase();
  if (!/^[A-Z]+_[A-Z0-9_]+$/.test(name)) return [];
  const isUsed = (text: string) => text.split(/\W+/).includes(name);
  const uses = operations.flatMap((operation) =>
    operation.calls.map(renderCall).filter(isUsed).map((text) => ({ operation, text }))
  );
  const [first] = uses;
  if (first === undefined) return [];
  return [{
    title: `${name}: a constant of the kernel`,
    rows: [
      ...uses.slice(0, MAX_USES).map(({ operation, text }) =>
        ["call", `${text}, in "${operation.label}"`] as const
      ),
      ...(uses.length > MAX_USES ? [["call", `and ${uses.length - MAX_USES} more`] as const] : []),
      ["man", first.operation.man],
    ],
  }];
}
