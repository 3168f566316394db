/** `myctr exec`: a command in a container that runs. */

import { parseEnvSetting } from "../spec/parse_env.ts";
import { checkUser } from "../spec/parse_user.ts";
import type { ExecRequest } from "../spec/exec_spec.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { parsePlanFormat, PLAN_FORMATS } from "./parse_plan_format.ts";
import type { Session } from "./session.ts";

/** Does what a request asks and returns the exit code. */
export type Exec = (request: ExecRequest, session: Session) => Promise<number>;

export const EXEC = {
  path: "myctr exec",
  description: "Run a command in a container that runs",
  options: [
    {
      name: "detach",
      long: "--detach",
      short: "-d",
      description: "leave it to itself in the background; what it writes is lost",
    },
    {
      name: "dryRun",
      long: "--dry-run",
      placeholder: "json",
      isValueOptional: true,
      kind: PLAN_FORMATS,
      description: "print every step and do none of them",
      parse: parsePlanFormat,
    },
    {
      name: "env",
      long: "--env",
      short: "-e",
      placeholder: "name=value",
      kind: "variable",
      description: "set a variable; a name alone copies yours",
      parse: parseEnvSetting,
      isRepeated: true,
    },
    {
      name: "envFiles",
      long: "--env-file",
      placeholder: "file",
      kind: "file",
      description: "set the variables in a file",
      isRepeated: true,
    },
    {
      name: "explain",
      long: "--explain",
      placeholder: "json",
      isValueOptional: true,
      kind: PLAN_FORMATS,
      description: "print every step as it happens",
      parse: parsePlanFormat,
    },
    {
      name: "failStep",
      long: "--fail-step",
      placeholder: "step=errno",
      description: "make a step fail",
      isHidden: true,
    },
    HELP_OPTION,
    { name: "interactive", long: "--interactive", short: "-i", description: "pass standard input on" },
    {
      name: "pauseStep",
      long: "--pause-step",
      placeholder: "step",
      description: "wait for ever before a step",
      isHidden: true,
    },
    {
      name: "privileged",
      long: "--privileged",
      description: "give all capabilities, and filter no system calls",
    },
    {
      name: "user",
      long: "--user",
      short: "-u",
      placeholder: "user[:group]",
      description: "run as a user of the container, by name or number",
      parse: checkUser,
    },
    {
      name: "workdir",
      long: "--workdir",
      short: "-w",
      placeholder: "path",
      description: "start in a directory of the container",
    },
  ],
  operands: [
    { name: "container", isRequired: true, kind: "container" },
    { name: "command", isRequired: true, isVariadic: true, kind: "program" },
  ],
  stopsAtOperand: true,
  examples: [
    "myctr exec web ps                        Its output and its exit code are yours",
    "myctr exec -i web sh                     A shell that reads what you type",
    'myctr exec -u 0 -e A=1 web sh -c "id"    As another user, with a variable more',
  ],
} as const satisfies Declaration;

/** Flags that were not given. */
export const EXEC_DEFAULTS = {
  detach: false,
  interactive: false,
  privileged: false,
  dryRun: false,
  explain: false,
} as const;

/** Makes the command; `act` is another one in tests. */
export function execCommand(act: Exec = execInContainer): Runnable {
  return runnable(EXEC, async ({ options, operands }, session) => {
    return await act({ ...EXEC_DEFAULTS, ...options, ...operands }, session);
  });
}

async function execInContainer(request: ExecRequest, session: Session): Promise<number> {
  if (request.dryRun !== false) {
    const { dryRunExec } = await import("../runtime/dry_run.ts");
    session.print(await dryRunExec(request));
    return 0;
  }
  const { exec } = await import("../runtime/exec.ts");
  return await exec(request);
}
