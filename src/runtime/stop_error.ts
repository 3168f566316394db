/** Turns two numbers from the program into what a user is told. Pure. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { CtrError, type ErrorCode } from "../errors.ts";
import type { HostFacts } from "../host/host_facts.ts";
import { maybeHint } from "../plan/hints.ts";
import type { Plan } from "../plan/operation.ts";
import { renderCall } from "../plan/render_call.ts";
import { type PlacedCall, placedCall } from "./encode_plan.ts";
import type { Fault } from "./launch.ts";

/** Builds the error of a call that stopped the start. */
export function stopError(
  failed: { plan: Plan; placed: PlacedCall; errno: number },
  host: HostFacts,
): CtrError {
  const { plan, placed: { operation, call }, errno } = failed;
  const { label } = plan.operations[operation]!;
  const name = errnoName(errno);
  return new CtrError("syscall", `Cannot ${label}`, {
    hint: maybeHint({ call: call.name, errno: name, label }, host),
    site: { step: operation + 1, of: plan.operations.length, call: renderCall(call), errno: name },
  });
}

/** What was started, and what it is called in messages. */
export interface Launched {
  readonly plan: Plan;
  readonly host: HostFacts;
  /** Behind "Cannot": `start the container`. */
  readonly what: string;
}

/** Builds the error of a program that stopped at a call; without one, its processes were killed. */
export function launchError(fault: Fault | undefined, { plan, host, what }: Launched): CtrError {
  if (fault === undefined) {
    return new CtrError("syscall", `Cannot ${what}: its processes were killed from outside`, {
      hint: "Look for the kernel's out-of-memory killer in dmesg, then try again",
    });
  }
  return stopError({ plan, placed: placedCall(plan, fault.call), errno: fault.errno }, host);
}

/** Says what did not work in a start that goes on. */
export function noticeText(plan: Plan, { call, errno }: Fault, who: string): string {
  const { label } = plan.operations[placedCall(plan, call).operation]!;
  return `cannot ${label} (${errnoName(errno)}): ${who} goes on without`;
}

/** What was found about a command that could not be executed. */
export interface CommandFinding {
  readonly command: string;
  /** Names of the errnos, one for each attempt. */
  readonly errnos: readonly string[];
  /** The interpreter that a script or program asks for, where that is what is missing. */
  readonly missingInterpreter?: string | undefined;
}

interface CommandRule {
  readonly when: (finding: CommandFinding) => boolean;
  readonly code: ErrorCode;
  readonly state: (finding: CommandFinding) => string;
  readonly hint: string;
}

const NOT_HERE = new Set(["ENOENT", "ENOTDIR"]);
const COMMAND_RULES: readonly CommandRule[] = [
  {
    when: ({ missingInterpreter }) => missingInterpreter !== undefined,
    code: "command_not_found",
    state: ({ missingInterpreter }) => `its interpreter "${missingInterpreter}" is not in the root`,
    hint: "Install the interpreter in the root, or correct the first line of the script",
  },
  {
    when: ({ errnos }) => errnos.includes("ENOEXEC"),
    code: "command_not_executable",
    state: () => "the file is no program for this machine",
    hint: "Begin a script with #! and its interpreter; run programs of this processor only",
  },
  {
    when: ({ errnos }) => errnos.every((name) => NOT_HERE.has(name)),
    code: "command_not_found",
    state: ({ command }) =>
      command.includes("/") ? "there is no such file in the root" : "it is not in PATH in the root",
    hint: "Check the command and the root it is looked for in",
  },
  {
    when: ({ errnos }) => errnos.includes("EACCES"),
    code: "command_not_executable",
    state: () => "permission denied",
    hint:
      "Check the execute permission, that it is a file, and that no directory above is closed to the user",
  },
];

/** Builds the error of a command that could not be executed: 127 where it is not found, else 126. */
export function commandError(finding: CommandFinding): CtrError {
  const rule = COMMAND_RULES.find(({ when }) => when(finding));
  const what = `Cannot run ${JSON.stringify(finding.command)}`;
  if (rule !== undefined) {
    return new CtrError(rule.code, `${what}: ${rule.state(finding)}`, { hint: rule.hint });
  }
  return new CtrError("command_not_executable", `${what}: ${finding.errnos.at(-1)}`);
}
