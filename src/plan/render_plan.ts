/** Renders a plan for people: who does what, in which order, and why. Pure. */

import type { Actor, Operation, Plan } from "./operation.ts";
import { renderCall } from "./render_call.ts";

const INTRODUCTIONS: Readonly<Record<Actor, string>> = {
  "myctr": "myctr itself, while the program waits",
  "monitor": "The monitor: a small process that watches the container",
  "visitor": "The visitor: it enters another container's files for a moment; the monitor waits",
  "joiner":
    "The joiner: it enters other containers and starts the new one; the monitor stays outside, and waits",
  "network helper": "The network helper: it connects the container, from outside",
  "stdin relay": "The relay of standard input",
  "stdout relay": "The relay of standard output",
  "stderr relay": "The relay of standard error",
  "door": "The door: whoever wants to type to the container later asks here",
  "guard": "The guard: it puts your terminal in order if myctr is killed",
  "container": "The container: it becomes process 1 inside",
  "command": "The command's own process, the first child of process 1",
};

const OF_EXEC: Partial<typeof INTRODUCTIONS> = {
  "monitor": "The monitor: a small process that watches the command",
  "joiner": "The joiner: it enters the container and starts the command's process; the monitor stays outside",
  "container": "The command's own process, born in the container",
};

const INDENT = "       ";

/** Renders every operation: number, label, reason, shell twin, man page, and its calls. */
export function renderPlan(plan: Plan): string {
  const lines: string[] = [];
  const introductions = plan.isExec ? { ...INTRODUCTIONS, ...OF_EXEC } : INTRODUCTIONS;
  let actor: Actor | undefined;
  plan.operations.forEach((operation, index) => {
    if (operation.actor !== actor) lines.push("", introductions[operation.actor], "");
    actor = operation.actor;
    lines.push(...renderOperation(operation, index + 1));
  });
  return `${lines.slice(1).join("\n")}\n`;
}

function renderOperation(operation: Operation, number: number): string[] {
  const { label, reason, shell, man, calls } = operation;
  return [
    `${String(number).padStart(4)}  ${label}`,
    `${INDENT}${reason} See ${man}.`,
    `${INDENT}$ ${shell}`,
    ...calls.map((call) => `${INDENT}  ${renderCall(call)}`),
  ];
}
