/** Takes the command line: global options first, then the command that is called. */

import type { Command } from "@commander-js/extra-typings";
import { CtrError } from "../errors.ts";
import { type ReadArgv, readArgv } from "./argv.ts";
import { command, examples, PROGRAM, renderHelp, type Session } from "./command.ts";
import { findEntry, VISIBLE_COMMANDS } from "./commands.ts";
import { printError, printText } from "./output.ts";
import { report } from "./report.ts";
import { VERSION } from "./version_number.ts";

type GlobalOptions = {
  readonly debug?: true;
  readonly help?: true;
  readonly root?: string;
  readonly version?: true;
};

/** Where a command's output goes. */
export type Output = Pick<Session, "print" | "warn">;

const STREAMS: Output = { print: printText, warn: printError };

/** Runs a command line and returns the exit code. Errors are printed here, and nowhere else. */
export async function runProgram(argv: readonly string[], output: Output = STREAMS): Promise<number> {
  let isDebug = false;
  try {
    const program = declareProgram();
    const words = readArgv(argv, { path: PROGRAM, options: program.options, stopsAtOperand: true });
    const options = program.parse(words.flags, { from: "user" }).opts();
    isDebug = options.debug ?? false;
    return await call({ ...words, options }, { ...output, isDebug });
  } catch (error) {
    const { text, exitCode } = report(error, { isDebug });
    output.warn(text);
    return exitCode;
  }
}

/** Renders what `myctr --help` prints: every command is loaded for it. */
export async function renderProgramHelp(): Promise<string> {
  const program = declareProgram();
  for (const { aliases = [], load } of VISIBLE_COMMANDS) {
    program.addCommand((await load()).command.aliases(aliases));
  }
  return renderHelp(program);
}

async function call(
  { options, operands, isHelp }: ReadArgv & { readonly options: GlobalOptions },
  session: Session,
): Promise<number> {
  const [word, ...rest] = operands;
  if (options.version && !isHelp) {
    session.print(`${PROGRAM} version ${VERSION}\n`);
    return 0;
  }
  if (isHelp || word === undefined) {
    session.print(await renderProgramHelp());
    return 0;
  }
  const entry = findEntry(word);
  if (options.root !== undefined) (await import("../runtime/state_root.ts")).setStateRoot(options.root);
  return await (await entry.load()).run(rest, session);
}

function declareProgram(): Command<[], GlobalOptions> {
  return command(PROGRAM, "Run containers without a daemon, and see how they are made")
    .usage("[options] <command>")
    .option("--debug", "print plans, and where errors come from")
    .option("-h, --help", "show this help")
    .option("--root <dir>", "keep containers in another directory", parseRoot)
    .option("-v, --version", "print the version")
    .action(() => {})
    .addHelpText(
      "after",
      examples("myctr run host ls /      Run a command in a container", "myctr help run           Show how") +
        '\n\nRun "myctr help <command>" for the options of a command.',
    );
}

/** An empty variable in a script must not mean "here". */
function parseRoot(text: string): string {
  if (text !== "") return text;
  throw new CtrError("usage", 'Cannot use state directory "": the path is empty', {
    hint: "Write --root DIR",
  });
}
