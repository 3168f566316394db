/** Commands that stand below a word: all of them below `myctr`, and those of a noun, as in `myctr network create`. */

import { CtrError } from "../errors.ts";
import { nearest } from "../spec/nearest.ts";
import { readArgv, seeHelp } from "./argv.ts";
import { HELP_OPTION, printHelp, type Runnable } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import type { Declaration } from "./declaration.ts";
import type { Session } from "./session.ts";

/** A declaration with commands below it. */
export interface Noun extends Declaration {
  readonly commands: readonly CommandEntry[];
}

/** What must be said of a noun; the rest is the same for all of them. */
export type NounSummary = Pick<Noun, "path" | "description" | "commands" | "examples">;

/** Makes a noun callable: it hands over to the command that the next word names. */
export function nounCommand(summary: NounSummary): Runnable {
  const noun: Noun = {
    usage: ["[options] <command>"],
    options: [HELP_OPTION],
    operands: [],
    stopsAtOperand: true,
    footer: `Run "${summary.path} <command> --help" for the options of a command.`,
    ...summary,
  };
  return {
    declaration: noun,
    async run(argv, session) {
      const { operands, isHelp } = readArgv(argv, noun);
      return await callBelow(noun, isHelp ? [] : operands, session);
    },
  };
}

/**
 * Calls the command that the first word names; without a word, prints the help.
 *
 * @throws {CtrError} code "usage" where there is no such command
 */
export async function callBelow(
  noun: Noun,
  [word, ...rest]: readonly string[],
  session: Session,
): Promise<number> {
  if (word === undefined) return await printHelp(noun, session);
  return await (await findEntry(word, noun).load()).run(rest, session);
}

/**
 * Finds a command by its name or an alias.
 *
 * @throws {CtrError} code "usage"
 */
export function findEntry(word: string, { path, commands }: Pick<Noun, "path" | "commands">): CommandEntry {
  const found = commands.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (found !== undefined) return found;
  const names = commands.flatMap(({ name, aliases = [], isHidden }) => isHidden ? [] : [name, ...aliases]);
  const near = nearest(word, names);
  throw new CtrError("usage", `Cannot run command ${JSON.stringify(word)}: there is no such command`, {
    hint: near === undefined ? seeHelp({ path }) : `Did you mean "${near}"?`,
  });
}
