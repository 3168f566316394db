/** Options that several commands have alike, for the process that they start: `run`, `exec`, `start`, `update`. */

import { CtrError } from "../errors.ts";
import { parseDetachKeys } from "../spec/detach_keys.ts";
import { parseEnvSetting } from "../spec/parse_env.ts";
import { parseRestartPolicy, RESTART_POLICIES } from "../spec/restart_policy.ts";
import { checkUser } from "../spec/parse_user.ts";
import { FALSE } from "./argv.ts";
import type { OptionRow } from "./declaration.ts";
import { parsePlanFormat, PLAN_FORMATS } from "./parse_plan_format.ts";

export const DETACH_KEYS_OPTION = {
  name: "detachKeys",
  long: "--detach-keys",
  placeholder: "keys",
  description: 'leave it running by these keys (ctrl-p,ctrl-q); "": by none',
  parse: parseDetachKeys,
} as const satisfies OptionRow;

export const DRY_RUN_OPTION = {
  name: "dryRun",
  long: "--dry-run",
  placeholder: "json",
  isValueOptional: true,
  kind: PLAN_FORMATS,
  description: "print every step and do none of them",
  parse: parsePlanFormat,
} as const satisfies OptionRow;

export const ENV_OPTION = {
  name: "env",
  long: "--env",
  short: "-e",
  placeholder: "name=value",
  kind: "variable",
  description: "set a variable; a name alone copies yours",
  parse: parseEnvSetting,
  isRepeated: true,
} as const satisfies OptionRow;

export const ENV_FILE_OPTION = {
  name: "envFiles",
  long: "--env-file",
  placeholder: "file",
  kind: "file",
  description: "set the variables in a file",
  isRepeated: true,
} as const satisfies OptionRow;

export const EXPLAIN_OPTION = {
  name: "explain",
  long: "--explain",
  placeholder: "json",
  isValueOptional: true,
  kind: PLAN_FORMATS,
  description: "print every step as it happens",
  parse: parsePlanFormat,
} as const satisfies OptionRow;

export const FAIL_STEP_OPTION = {
  name: "failStep",
  long: "--fail-step",
  placeholder: "step=errno",
  description: "make a step fail",
  isHidden: true,
} as const satisfies OptionRow;

export const INTERACTIVE_OPTION = {
  name: "interactive",
  long: "--interactive",
  short: "-i",
  description: "pass standard input on",
} as const satisfies OptionRow;

export const PAUSE_STEP_OPTION = {
  name: "pauseStep",
  long: "--pause-step",
  placeholder: "step",
  description: "wait for ever before a step",
  isHidden: true,
} as const satisfies OptionRow;

export const RESTART_OPTION = {
  name: "restart",
  long: "--restart",
  placeholder: "policy",
  kind: RESTART_POLICIES,
  description: "start it again: on-failure[:n], always, unless-stopped",
  parse: parseRestartPolicy,
} as const satisfies OptionRow;

export const SIG_PROXY_OPTION = {
  name: "sigProxy",
  long: "--sig-proxy",
  placeholder: "false",
  isValueOptional: true,
  isOnByDefault: true,
  kind: ["false"],
  description: "=false: do not pass on the signals that myctr gets",
  parse: parseSigProxy,
} as const satisfies OptionRow;

export const TTY_OPTION = {
  name: "tty",
  long: "--tty",
  short: "-t",
  description: "give it a terminal; with -i, yours is its",
} as const satisfies OptionRow;

export const USER_OPTION = {
  name: "user",
  long: "--user",
  short: "-u",
  placeholder: "user[:group]",
  description: "run as a user of the container, by name or number",
  parse: checkUser,
} as const satisfies OptionRow;

export const WORKDIR_OPTION = {
  name: "workdir",
  long: "--workdir",
  short: "-w",
  placeholder: "path",
  description: "start in a directory of the container",
} as const satisfies OptionRow;

function parseSigProxy(text: string): boolean {
  if (FALSE.includes(text)) return false;
  throw new CtrError("usage", `Cannot read --sig-proxy=${text}: it is neither true nor false`, {
    hint: "Write --sig-proxy=false, or leave it out",
  });
}
