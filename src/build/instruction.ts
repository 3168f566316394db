/** The instructions of a Containerfile, as they stand there: nothing in them is expanded yet. Pure. */

import type { Heredoc } from "./source_lines.ts";
import type { Position } from "./problem.ts";

/** Their names. Source: docs.docker.com, Dockerfile reference. */
export const INSTRUCTIONS = [
  "add",
  "arg",
  "cmd",
  "copy",
  "entrypoint",
  "env",
  "expose",
  "from",
  "healthcheck",
  "label",
  "maintainer",
  "onbuild",
  "run",
  "shell",
  "stopsignal",
  "user",
  "volume",
  "workdir",
] as const;

export type InstructionName = (typeof INSTRUCTIONS)[number];

/** A flag of an instruction, such as `--from=build`. */
export interface Flag {
  /** With the dashes. */
  readonly name: string;
  /** Absent where nothing is behind the name. */
  readonly value?: string;
  readonly at: Position;
}

/** One instruction. */
export interface Instruction {
  readonly name: InstructionName;
  readonly flags: readonly Flag[];
  /**
   * Words, with their quotes. Of RUN, CMD and ENTRYPOINT in the shell's form: all as one. Of ENV and LABEL: names and
   * values by turns. Of HEALTHCHECK: NONE or CMD first. Of ONBUILD: none.
   */
  readonly args: readonly string[];
  /** Where each argument begins; of those in JSON the list. */
  readonly argsAt: readonly Position[];
  /** Whether the arguments are a list in JSON: nothing in them is a shell's. */
  readonly isList: boolean;
  readonly heredocs: readonly Heredoc[];
  readonly at: Position;
  /** What ONBUILD keeps for later. */
  readonly trigger?: Instruction;
  /** All of it on one line, as history shows it. */
  readonly text: string;
}

/** Flags by instruction; `true`: a value may be left out. */
export const FLAGS: Readonly<Partial<Record<InstructionName, Readonly<Record<string, boolean>>>>> = {
  add: {
    "--chown": false,
    "--chmod": false,
    "--link": true,
    "--checksum": false,
    "--keep-git-dir": true,
    "--exclude": false,
    "--unpack": true,
  },
  copy: {
    "--from": false,
    "--chown": false,
    "--chmod": false,
    "--link": true,
    "--parents": true,
    "--exclude": false,
  },
  from: { "--platform": false },
  healthcheck: {
    "--interval": false,
    "--timeout": false,
    "--start-period": false,
    "--start-interval": false,
    "--retries": false,
  },
  run: { "--mount": false, "--network": false, "--security": false, "--device": false },
};

/** Gives the last value of a flag; "" where it has none, undefined where it is not there. */
export function flagValue({ flags }: Instruction, name: string): string | undefined {
  const found = flags.findLast((flag) => flag.name === name);
  return found === undefined ? undefined : found.value ?? "";
}

/** Gives all values of a flag, in order. */
export function flagValues({ flags }: Instruction, name: string): readonly string[] {
  return flags.filter((flag) => flag.name === name).map(({ value = "" }) => value);
}
