/** The list of commands. Each module is loaded when its command is called, or help is asked for. */

import { CtrError } from "../errors.ts";
import { nearest } from "../spec/nearest.ts";
import type { Runnable } from "./command.ts";

/** A command, not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Whether it is myctr's own, and not for people. */
  readonly isHidden?: true;
  readonly load: () => Promise<Runnable>;
}

/** In the order in which help shows them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "run", load: async () => (await import("./run.ts")).runCommand() },
  { name: "list", aliases: ["ls", "ps"], load: async () => (await import("./list.ts")).listCommand() },
  { name: "rm", load: async () => (await import("./rm.ts")).rmCommand() },
  { name: "version", load: async () => (await import("./version.ts")).versionCommand() },
  { name: "help", load: async () => (await import("./help.ts")).helpCommand() },
  { name: "__reap", isHidden: true, load: async () => (await import("./reap.ts")).reapCommand() },
  { name: "__sweep", isHidden: true, load: async () => (await import("./reap.ts")).sweepCommand() },
];

/** The commands that help shows. */
export const VISIBLE_COMMANDS: readonly CommandEntry[] = COMMANDS.filter(({ isHidden }) => !isHidden);

/**
 * Finds a command by its name or an alias.
 *
 * @throws {CtrError} code "usage"
 */
export function findEntry(word: string): CommandEntry {
  const found = COMMANDS.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (found !== undefined) return found;
  const names = VISIBLE_COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const near = nearest(word, names);
  throw new CtrError("usage", `Cannot run command ${JSON.stringify(word)}: there is no such command`, {
    hint: near === undefined ? 'Run "myctr --help"' : `Did you mean "${near}"?`,
  });
}
