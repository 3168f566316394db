/** What `myctr exec` asks for, laid over the specification of the container. Pure. */

import { chooseWorkdir } from "./build_spec.ts";
import { layEnv, TERMINAL } from "./build_env.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { EnvSetting, RunRequest } from "./request.ts";
import { ANNOTATION, type Process, type Spec } from "./types.ts";

/** A request, parsed and typed; what is absent is as the container has it. */
export interface ExecRequest
  extends Pick<RunRequest, "dryRun" | "explain" | "failStep" | "pauseStep" | "user" | "workdir"> {
  /** A name, an id, or the first letters of one. */
  readonly container: string;
  readonly command: readonly string[];
  readonly detach: boolean;
  readonly interactive: boolean;
  readonly tty?: boolean;
  readonly privileged: boolean;
  readonly env: readonly EnvSetting[];
  readonly envFiles: readonly string[];
}

/** What is not asked for. */
export const EXEC_DEFAULTS = {
  detach: false,
  interactive: false,
  privileged: false,
  dryRun: false,
  explain: false,
} as const satisfies Partial<ExecRequest>;

/** What it needs to know besides. */
export interface ExecSpecFacts {
  readonly callerEnv: Readonly<Record<string, string>>;
  /** What the request's --env-file paths hold, in the same order. */
  readonly envFiles: readonly (readonly EnvSetting[])[];
}

/** Builds the specification of the new process. @throws {CtrError} code "usage" for a working directory that is relative */
export function buildExecSpec(spec: Spec, request: ExecRequest, facts: ExecSpecFacts): Spec {
  const { command, user, workdir, privileged, interactive, tty = false } = request;
  const base = [...(tty ? [TERMINAL] : []), ...spec.process.env.map(splitEntry)];
  const { env, isHomeSet } = layEnv(base, { ...facts, env: request.env });
  const { terminal: _terminal, ...before } = spec.process;
  const {
    [ANNOTATION.init]: _init,
    [ANNOTATION.interactive]: _interactive,
    [ANNOTATION.homeIsSet]: _homeIsSet,
    ...annotations
  } = spec.annotations;
  const process: Process = {
    ...before,
    ...(tty && { terminal: true as const }),
    args: command,
    env,
    cwd: workdir === undefined ? spec.process.cwd : chooseWorkdir(workdir),
  };
  return {
    ...spec,
    process: privileged ? unconfined(process) : process,
    annotations: {
      ...annotations,
      [ANNOTATION.logDriver]: "none",
      ...(isHomeSet && { [ANNOTATION.homeIsSet]: "true" }),
      ...(interactive && { [ANNOTATION.interactive]: "true" }),
      ...(user !== undefined && { [ANNOTATION.user]: user }),
      ...(privileged && { [ANNOTATION.seccomp]: "unconfined" }),
    },
  };
}

function splitEntry(entry: string): readonly [name: string, value: string] {
  const end = entry.indexOf("=");
  return [entry.slice(0, end), entry.slice(end + 1)];
}

/** --privileged: all capabilities, no filter of system calls, no AppArmor profile. */
function unconfined({ apparmorProfile: _profile, ...process }: Process): Process {
  const all = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  return { ...process, capabilities: { ...process.capabilities, ...all } };
}
