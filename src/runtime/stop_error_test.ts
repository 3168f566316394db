/** Tests of stopError() and commandError(): what two numbers from the program become for the user. */

import { deepEqual, equal, match } from "node:assert/strict";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { isHouseMessage } from "../../tests/lint/house_style.ts";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { CtrError, type ErrorCode } from "../errors.ts";
import { buildPlan } from "../plan/build_plan.ts";
import { placedCalls } from "./encode_plan.ts";
import { commandError, type CommandFinding, stopError } from "./stop_error.ts";

interface Row {
  readonly finding: CommandFinding;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: RegExp | undefined;
}

const found = (command: string, ...errnos: readonly string[]): CommandFinding => ({
  command,
  errnos,
});

const COMMANDS: readonly Row[] = [
  {
    finding: found("prog", "ENOENT", "ENOENT"),
    code: "command_not_found",
    message: 'Cannot run "prog": it is not in PATH in the root',
    hint: /Check the command/,
  },
  {
    finding: found("prog", "ENOENT", "ENOTDIR"),
    code: "command_not_found",
    message: 'Cannot run "prog": it is not in PATH in the root',
    hint: /Check the command/,
  },
  {
    finding: found("/bin/prog", "ENOENT"),
    code: "command_not_found",
    message: 'Cannot run "/bin/prog": there is no such file in the root',
    hint: /Check the command/,
  },
  {
    finding: found("/bin/sh/x", "ENOTDIR"),
    code: "command_not_found",
    message: 'Cannot run "/bin/sh/x": there is no such file in the root',
    hint: /Check the command/,
  },
  {
    finding: { ...found("/script", "ENOENT"), missingInterpreter: "/usr/bin/perl" },
    code: "command_not_found",
    message: 'Cannot run "/script": its interpreter "/usr/bin/perl" is not in the root',
    hint: /first line of the script/,
  },
  {
    finding: found("/text", "ENOEXEC"),
    code: "command_not_executable",
    message: 'Cannot run "/text": the file is no program for this machine',
    hint: /#!/,
  },
  {
    finding: found("text", "ENOENT", "ENOEXEC", "ENOENT"),
    code: "command_not_executable",
    message: 'Cannot run "text": the file is no program for this machine',
    hint: /#!/,
  },
  {
    finding: found("/etc", "EACCES"),
    code: "command_not_executable",
    message: 'Cannot run "/etc": permission denied',
    hint: /execute permission/,
  },
  {
    finding: found("prog", "ENOENT", "EACCES", "ENOENT"),
    code: "command_not_executable",
    message: 'Cannot run "prog": permission denied',
    hint: /execute permission/,
  },
  {
    finding: found("/loop", "ELOOP"),
    code: "command_not_executable",
    message: 'Cannot run "/loop": ELOOP',
    hint: undefined,
  },
  {
    finding: found('a"\n', "E2BIG"),
    code: "command_not_executable",
    message: 'Cannot run "a\\"\\n": E2BIG',
    hint: undefined,
  },
];

for (const { finding, code, message, hint } of COMMANDS) {
  const { command, errnos } = finding;
  Deno.test(`commandError() of ${JSON.stringify(command)} with ${errnos.join(", ")}: ${code}`, () => {
    const error = commandError(finding);
    deepEqual([error.code, error.message], [code, message]);
    if (hint === undefined) equal(error.hint, undefined);
    else match(error.hint ?? "", hint);
  });
}

const [{ spec, host }] = PLAN_CASES as readonly [typeof PLAN_CASES[number]];
const plan = buildPlan(spec, host);

function stopAt(name: string, errno: number, label: RegExp): CtrError {
  const placed = placedCalls(plan).find(({ operation, call }) =>
    call.name === name && label.test(plan.operations[operation]!.label)
  )!;
  return stopError({ plan, placed, errno }, host);
}

Deno.test("stopError() names what could not be done, the step, the call and the errno", () => {
  const error = stopAt("pivot_root", ERRNO.EBUSY, /./);
  const step = plan.operations.findIndex(({ label }) => label === "enter the root") + 1;
  equal(error.code, "syscall");
  equal(error.message, "Cannot enter the root");
  deepEqual(error.site, {
    step,
    of: plan.operations.length,
    call: 'pivot_root(".", ".")',
    errno: "EBUSY",
  });
});

Deno.test("stopError() has no hint where no cause is known", () => {
  equal(stopAt("pivot_root", ERRNO.EBUSY, /./).hint, undefined);
});

Deno.test("stopError() has the hint that fits operation and errno", () => {
  match(stopAt("fsmount", ERRNO.EPERM, /^mount \/proc$/).hint ?? "", /Part of \/proc is covered/);
});

Deno.test("stopError() has the house form for every operation of every golden plan", () => {
  const messages = PLAN_CASES.flatMap((each) => {
    const stopped = buildPlan(each.spec, each.host);
    return placedCalls(stopped).map((placed) =>
      stopError({ plan: stopped, placed, errno: 1 }, each.host).message
    );
  });
  deepEqual(messages.filter((message) => !isHouseMessage(message)), []);
});
