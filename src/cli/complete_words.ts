/** Completes a command line by the tables that parse it: what only a started myctr knows, for the scripts of shells. */

import { CAPABILITIES } from "../spec/capabilities.ts";
import { isNamed, takesWord } from "./argv.ts";
import type { Declaration, OptionRow, ValueKind } from "./declaration.ts";
import { namesOf, type Word } from "./completion_table.ts";

/** What the shell itself completes. */
export type LeftToShell = "file" | "directory" | "program";

/** The words that fit, and what the shell may add. */
export interface Completion {
  readonly words: readonly Word[];
  readonly shell?: LeftToShell;
}

/** What is asked of the machine. */
export interface CompletionSources {
  readonly containers: () => Promise<readonly Word[]>;
  readonly images: () => Promise<readonly Word[]>;
  readonly volumes: () => Promise<readonly Word[]>;
  /** Names of the caller's variables. */
  readonly variables: () => readonly string[];
  /** Told when `--root` is met: containers are looked for there. */
  readonly setRoot: (directory: string) => Promise<void>;
}

/** Completes the last of `words`, which stand behind `myctr`. */
export async function completeWords(
  words: readonly string[],
  program: Declaration,
  sources: CompletionSources,
): Promise<Completion> {
  const place = await walk(words.slice(0, -1), program, sources);
  const found = await completeAt(place, words.at(-1) ?? "", { program, sources });
  return { ...found, words: found.words.filter(({ word }) => word.startsWith(words.at(-1) ?? "")) };
}

/** Where the word to be completed stands. */
interface Place {
  readonly declaration: Declaration;
  readonly operandCount: number;
  /** The option whose value it is. */
  readonly option?: OptionRow | undefined;
  readonly hasOptions: boolean;
}

async function walk(
  before: readonly string[],
  program: Declaration,
  { setRoot }: CompletionSources,
): Promise<Place> {
  const rest = [...before];
  let declaration = program;
  let [operandCount, hasOptions] = [0, true];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--" && hasOptions) {
      hasOptions = false;
    } else if (hasOptions && word.startsWith("-") && word !== "-") {
      const option = optionOf(word, declaration);
      const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : undefined;
      const next = option !== undefined && takesWord(option) && value === undefined ? rest.shift() : value;
      if (option !== undefined && takesWord(option) && next === undefined) {
        return { declaration, operandCount, option, hasOptions };
      }
      if (option?.long === "--root" && declaration === program && next) await setRoot(next);
    } else {
      const entry = declaration.commands?.find(({ name, aliases = [] }) =>
        name === word || aliases.includes(word)
      );
      if (entry !== undefined) declaration = (await entry.load()).declaration;
      else operandCount++;
      if (entry === undefined && declaration.stopsAtOperand) hasOptions = false;
    }
  }
  return { declaration, operandCount, hasOptions };
}

/** `--name`, `--name=value`, `-n`, and the last of a bundle, as in `-ie`. */
function optionOf(word: string, { options }: Declaration): OptionRow | undefined {
  const name = word.split("=", 1)[0] ?? word;
  const exact = options.find((option) => isNamed(option, name));
  if (exact !== undefined || word.startsWith("--")) return exact;
  const letters = [...name.slice(1)].map((letter) => options.find((option) => isNamed(option, `-${letter}`)));
  const valued = letters.findIndex((option) => option !== undefined && takesWord(option));
  // "-eA=1" carries its value with it; only the last letter takes the next word.
  return valued === letters.length - 1 ? letters[valued] : undefined;
}

interface Context {
  readonly program: Declaration;
  readonly sources: CompletionSources;
}

async function completeAt(place: Place, word: string, context: Context): Promise<Completion> {
  const { declaration, option, operandCount, hasOptions } = place;
  if (option?.placeholder !== undefined) return await completeValue(option.kind, word, context);
  if (hasOptions && word.startsWith("-")) {
    const equals = word.indexOf("=");
    return equals < 0
      ? { words: optionWords(declaration) }
      : await completeAssigned(word, declaration, context);
  }
  const { commands, operands } = declaration;
  if (commands !== undefined) return { words: operandCount === 0 ? await commandWords(declaration) : [] };
  const last = operands.at(-1);
  const operand = operands[operandCount] ?? (last?.isVariadic ? last : undefined);
  if (operand === undefined) return { words: [] };
  // What follows a program is the program's own matter: most often files.
  if (operand.kind === "program" && operandCount >= operands.length) return { words: [], shell: "file" };
  return await completeValue(operand.kind, word, context);
}

async function completeAssigned(
  word: string,
  declaration: Declaration,
  context: Context,
): Promise<Completion> {
  const option = optionOf(word, declaration);
  if (option?.placeholder === undefined) return { words: [] };
  const equals = word.indexOf("=") + 1;
  const { words, ...rest } = await completeValue(option.kind, word.slice(equals), context);
  return { ...rest, words: words.map((each) => ({ ...each, word: word.slice(0, equals) + each.word })) };
}

function optionWords({ options }: Declaration): readonly Word[] {
  return options.filter(({ isHidden }) => !isHidden).flatMap((option) =>
    namesOf(option).map((word) => ({ word, meaning: option.description }))
  );
}

async function commandWords({ commands = [] }: Declaration): Promise<readonly Word[]> {
  const shown = commands.filter(({ isHidden }) => !isHidden);
  return (await Promise.all(shown.map(async ({ name, aliases = [], load }) => {
    const meaning = (await load()).declaration.description;
    return [name, ...aliases].map((word) => ({ word, meaning }));
  }))).flat();
}

async function completeValue(
  kind: ValueKind | undefined,
  text: string,
  { program, sources }: Context,
): Promise<Completion> {
  if (kind === undefined) return { words: [] };
  if (typeof kind !== "string") return { words: await choices(kind, sources) };
  switch (kind) {
    case "file":
    case "directory":
    case "program":
      return { words: [], shell: kind };
    case "volume":
      // Behind the colon it is a path of the container's.
      if (text.includes(":")) return { words: [] };
      return /^[./~]/.test(text)
        ? { words: [], shell: "file" }
        : { words: await sources.volumes(), shell: "file" };
    case "named volume":
      return { words: await sources.volumes() };
    case "container":
      return { words: await sources.containers() };
    case "image":
      return { words: [{ word: "host", meaning: "this machine's system" }, ...await sources.images()] };
    case "capability":
      return { words: plain(["ALL", ...CAPABILITIES.map((name) => name.replace(/^CAP_/, ""))]) };
    case "variable":
      return { words: plain(sources.variables()) };
    case "command":
      return { words: await commandWords(program) };
    default:
      return { words: [] };
  }
}

/** Words to choose from; one that ends in a colon goes on with the name of a container. */
async function choices(
  words: readonly string[],
  { containers }: CompletionSources,
): Promise<readonly Word[]> {
  const beginning = words.find((word) => word.endsWith(":"));
  if (beginning === undefined) return plain(words);
  const joined = (await containers()).map(({ word, meaning }) => ({ word: `${beginning}${word}`, meaning }));
  return [...plain(words.filter((word) => word !== beginning)), ...joined];
}

function plain(words: readonly string[]): readonly Word[] {
  return words.map((word) => ({ word, meaning: "" }));
}
