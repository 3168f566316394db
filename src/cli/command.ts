/** What all commands share: how they are declared, how their help looks, how they are called. */

import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  type OptionValues,
} from "@commander-js/extra-typings";
import { CtrError } from "../errors.ts";
import { readArgv, seeHelp } from "./argv.ts";

/** What a command sees of the world around it. */
export interface Session {
  /** Whether `--debug` was given. */
  readonly isDebug: boolean;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly warn: (text: string) => void;
}

/** A command that can be called: it returns the exit code. */
export interface Runnable {
  readonly command: CommandUnknownOpts;
  readonly run: (argv: readonly string[], session: Session) => Promise<number>;
}

/** What a command was called with. */
export interface Call<Args, Options> {
  readonly args: Args;
  readonly options: Options;
}

/** A command's declaration and what it does. */
export interface Definition<Args extends unknown[], Options extends OptionValues> {
  readonly command: Command<Args, Options>;
  /** Whether options end at the first argument. */
  readonly stopsAtOperand?: boolean;
  /** Does it and returns the exit code. */
  readonly act: (call: Call<Args, Options>, session: Session) => Promise<number> | number;
}

/** The name in front of every command. */
export const PROGRAM = "myctr";

/** Starts the declaration of a command: its name and the one line that help has for it. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption(false)
    .helpCommand(false)
    .exitOverride()
    // Our own report prints errors.
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .configureHelp({
      helpWidth: 100,
      optionTerm: ({ short, flags }) => short?.length === 2 ? flags : `    ${flags}`,
      subcommandTerm: (sub) => [sub.name(), ...sub.aliases()].join(", "),
      commandUsage: (sub) =>
        [PROGRAM, ...(sub.name() === PROGRAM ? [] : [sub.name()]), sub.usage()].join(" "),
    });
}

/** Renders the part of a command's help that shows how it is used. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}\n`).join("")}`.trimEnd();
}

/** Makes a command callable. */
export function runnable<Args extends unknown[], Options extends OptionValues>(
  { command, act, stopsAtOperand = false }: Definition<Args, Options>,
): Runnable {
  const path = `${PROGRAM} ${command.name()}`;
  return {
    command: command.action(() => {}) as unknown as CommandUnknownOpts,
    async run(argv, session) {
      const { flags, operands, isHelp } = readArgv(argv, { path, options: command.options, stopsAtOperand });
      if (isHelp) {
        session.print(renderHelp(command));
        return 0;
      }
      parse(command, { words: [...flags, "--", ...operands], path });
      return await act({ args: command.processedArgs, options: command.opts() }, session);
    },
  };
}

/** Renders a command's help with its examples. */
export function renderHelp<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): string {
  let text = "";
  command.configureOutput({ ...command.configureOutput(), writeOut: (part) => text += part });
  command.outputHelp();
  return text;
}

function parse<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  { words, path }: { readonly words: readonly string[]; readonly path: string },
): void {
  try {
    command.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new CtrError("usage", `Cannot run "${path}": ${problemOf(error)}`, { hint: seeHelp({ path }) });
  }
}

/** Options are checked before commander sees them: what is left is the number of arguments. */
function problemOf({ code, message }: CommanderError): string {
  if (code === "commander.missingArgument") return "an argument is missing";
  if (code === "commander.excessArguments") return "there are too many arguments";
  return message.replace(/^error: /, "");
}
