/** `myctr exec`: a command in a container that runs. */

import { EXEC_DEFAULTS, type ExecRequest } from "../spec/exec_spec.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import {
  DRY_RUN_OPTION,
  ENV_FILE_OPTION,
  ENV_OPTION,
  EXPLAIN_OPTION,
  FAIL_STEP_OPTION,
  INTERACTIVE_OPTION,
  PAUSE_STEP_OPTION,
  TTY_OPTION,
  USER_OPTION,
  WORKDIR_OPTION,
} from "./process_options.ts";
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
    DRY_RUN_OPTION,
    ENV_OPTION,
    ENV_FILE_OPTION,
    EXPLAIN_OPTION,
    FAIL_STEP_OPTION,
    HELP_OPTION,
    INTERACTIVE_OPTION,
    PAUSE_STEP_OPTION,
    {
      name: "privileged",
      long: "--privileged",
      description: "give all capabilities, and filter no system calls",
    },
    TTY_OPTION,
    USER_OPTION,
    WORKDIR_OPTION,
  ],
  operands: [
    { name: "container", isRequired: true, kind: "container" },
    { name: "command", isRequired: true, isVariadic: true, kind: "program" },
  ],
  stopsAtOperand: true,
  examples: [
    "myctr exec web ps                        Its output and its exit code are yours",
    "myctr exec -it web sh                    A shell at a terminal of its own",
    'myctr exec -u 0 -e A=1 web sh -c "id"    As another user, with a variable more',
  ],
} as const satisfies Declaration;

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
