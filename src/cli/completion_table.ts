/** What of the command line is known before it is typed: commands and their options, for the scripts of shells. Pure. */

import { takesWord } from "./argv.ts";
import type { CommandEntry } from "./commands.ts";
import type { Declaration, OptionRow } from "./declaration.ts";

/** A word and what it means. */
export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** One place of the command line: `myctr` itself, a command, or a command below a noun. */
export interface CompletionNode {
  /** The words that lead here, in every spelling: `list`, `ls`, `ps`; "" for `myctr` itself. */
  readonly paths: readonly string[];
  readonly options: readonly Word[];
  /** Options whose value is the next word. */
  readonly withValue: readonly string[];
  readonly commands: readonly Word[];
  /** Whether options end at the first word that is none. */
  readonly stopsAtOperand: boolean;
}

/** Lists all places, `myctr` itself first; every command is loaded for that. */
export async function completionNodes(declaration: Declaration): Promise<readonly CompletionNode[]> {
  return await nodesBelow(declaration, [""]);
}

async function nodesBelow(
  declaration: Declaration,
  paths: readonly string[],
): Promise<readonly CompletionNode[]> {
  const entries = (declaration.commands ?? []).filter(({ isHidden }) => !isHidden);
  const loaded = await Promise.all(entries.map(async (entry) => ({
    entry,
    below: (await entry.load()).declaration,
  })));
  const options = declaration.options.filter(({ isHidden }) => !isHidden);
  const own: CompletionNode = {
    paths,
    options: options.flatMap((option) =>
      namesOf(option).map((word) => ({ word, meaning: option.description }))
    ),
    withValue: options.filter(takesWord).flatMap(namesOf),
    commands: loaded.flatMap(({ entry, below }) =>
      spellings(entry).map((word) => ({ word, meaning: below.description }))
    ),
    stopsAtOperand: declaration.stopsAtOperand === true,
  };
  const rest = await Promise.all(
    loaded.map(({ entry, below }) =>
      nodesBelow(below, paths.flatMap((path) => spellings(entry).map((word) => `${path} ${word}`.trim())))
    ),
  );
  return [own, ...rest.flat()];
}

function spellings({ name, aliases = [] }: CommandEntry): readonly string[] {
  return [name, ...aliases];
}

/** The names of an option, the long one first. */
export function namesOf({ long, short, aliases = [] }: OptionRow): readonly string[] {
  return [long, ...aliases, ...(short === undefined ? [] : [short])];
}

/** Quotes a text for bash and zsh. */
export function quotePosix(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Quotes a text for fish. */
export function quoteFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
