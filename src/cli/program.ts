/** Takes the command line: global options first, then the command that is called. */

import { CtrError } from "../errors.ts";
import { readArgv } from "./argv.ts";
import { parseOptions } from "./call.ts";
import { HELP_OPTION } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { callBelow, type Noun } from "./noun.ts";
import { type Output, runReported, type Session, STREAMS } from "./session.ts";
import { VERSION } from "./version_number.ts";

/** `myctr` itself. */
export const PROGRAM = {
  path: "myctr",
  description: "Run containers without a daemon, and see how they are made",
  usage: ["[options] <command>"],
  options: [
    { name: "debug", long: "--debug", description: "print plans and programs, and where errors come from" },
    HELP_OPTION,
    {
      name: "root",
      long: "--root",
      placeholder: "dir",
      kind: "directory",
      description: "keep containers in another directory",
      parse: parseRoot,
    },
    {
      name: "whole",
      long: "--whole",
      description: "use the program that has everything",
      isHidden: true,
    },
    { name: "version", long: "--version", short: "-v", description: "print the version" },
  ],
  operands: [],
  stopsAtOperand: true,
  examples: [
    "myctr run host ls /      Run a command in a container",
    "myctr help run           Show how",
  ],
  footer: 'Run "myctr help <command>" for the options of a command.',
  commands: COMMANDS,
} as const satisfies Noun;

/** Runs a command line and returns the exit code. */
export async function runProgram(argv: readonly string[], output: Output = STREAMS): Promise<number> {
  return await runReported({ ...output, isDebug: false }, async (session) => {
    const { settings, operands, isHelp } = readArgv(argv, PROGRAM);
    const { debug: isDebug = false, root, version } = parseOptions(PROGRAM.options, settings);
    if (version && !isHelp) return printVersion(session);
    const words = isHelp ? [] : operands;
    if (root !== undefined) (await import("../runtime/state_root.ts")).setStateRoot(root);
    if (isDebug) (await import("../runtime/debug_launches.ts")).debugLaunches(session.warn);
    return await runReported({ ...session, isDebug }, (session) => callBelow(PROGRAM, words, session));
  });
}

function printVersion(session: Session): number {
  session.print(`myctr version ${VERSION}\n`);
  return 0;
}

/** An empty variable in a script must not mean "here". */
function parseRoot(text: string): string {
  if (text !== "") return text;
  throw new CtrError("usage", 'Cannot use state directory "": the path is empty', {
    hint: "Write --root DIR",
  });
}
