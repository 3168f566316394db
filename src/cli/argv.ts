/** Reads options off a command line by docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import { nearest } from "../spec/nearest.ts";
import type { Declaration, OptionRow } from "./declaration.ts";

/** What must be known of a command. */
export type CommandShape = Pick<Declaration, "path" | "options" | "stopsAtOperand">;

/** An option that was given; `text` is what was given for it, and a flag has none. */
export interface Setting {
  readonly option: OptionRow;
  readonly text?: string;
}

/** A command line taken apart. */
export interface ReadArgv {
  /** In order. */
  readonly settings: readonly Setting[];
  readonly operands: readonly string[];
  /** Whether `--help` was met; what follows it is not read. */
  readonly isHelp: boolean;
}

/** Flags of docker that people will try, and what to say. */
const LATER: Readonly<Record<string, string>> = {
  "-p": "published ports are not there yet",
  "--publish": "published ports are not there yet",
};

const TRUE: readonly string[] = ["1", "t", "T", "true", "TRUE", "True"];
export const FALSE: readonly string[] = ["0", "f", "F", "false", "FALSE", "False"];

/**
 * Takes a command line apart: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, bundles such as
 * `-ie A=1`, `--flag=false`, `--flag=value` where a value is optional, and `--` as the end of the options.
 *
 * @throws {CtrError} code "usage" for an option or value that is wrong, "unsupported" for one of docker's
 */
export function readArgv(argv: readonly string[], shape: CommandShape): ReadArgv {
  const reading: Reading = { shape, rest: [...argv], settings: [], isHelp: false };
  const operands: string[] = [];
  for (let word = reading.rest.shift(); word !== undefined && !reading.isHelp; word = reading.rest.shift()) {
    if (word === "--") return { ...reading, operands: [...operands, ...reading.rest] };
    if (word === "-" || !word.startsWith("-")) {
      operands.push(word);
      if (shape.stopsAtOperand) return { ...reading, operands: [...operands, ...reading.rest] };
    } else if (word.startsWith("--")) {
      readLong(word, reading);
    } else {
      readBundle(word, reading);
    }
  }
  return { ...reading, operands };
}

interface Reading {
  readonly shape: CommandShape;
  /** Words not read yet. */
  readonly rest: string[];
  settings: Setting[];
  isHelp: boolean;
}

function readLong(word: string, reading: Reading): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  addSetting(findOption(name, reading.shape), {
    name,
    value: equals < 0 ? undefined : word.slice(equals + 1),
    reading,
  });
}

/** Reads `-i`, `-ie A=1`, `-eA=1`, `-e=A=1`, `-i=false`: the first letter that takes a value takes the rest. */
function readBundle(word: string, reading: Reading): void {
  for (let index = 1; index < word.length && !reading.isHelp; index++) {
    const name = `-${word[index]}`;
    const option = findOption(name, reading.shape);
    const tail = word.slice(index + 1);
    const isAssigned = tail.length > 1 && tail.startsWith("=");
    if (!isAssigned && !takesWord(option)) {
      addSetting(option, { name, value: undefined, reading });
      continue;
    }
    const value = isAssigned ? tail.slice(1) : tail === "" ? undefined : tail;
    addSetting(option, { name, value, reading });
    return;
  }
}

interface Typed {
  /** The option as typed. */
  readonly name: string;
  readonly value: string | undefined;
  readonly reading: Reading;
}

function addSetting(option: OptionRow, { name, value, reading }: Typed): void {
  const { settings, rest, shape } = reading;
  if (takesWord(option)) {
    const text = value ?? rest.shift();
    if (text === undefined) throw usageError(name, "its value is missing", shape);
    settings.push({ option, text });
  } else if (value === undefined || TRUE.includes(value)) {
    settings.push({ option });
    reading.isHelp = option.long === "--help";
  } else if (FALSE.includes(value) && !(option.placeholder !== undefined && option.isOnByDefault)) {
    reading.settings = settings.filter((setting) => setting.option !== option);
  } else if (option.placeholder !== undefined) {
    settings.push({ option, text: value });
  } else {
    throw usageError(name, `${JSON.stringify(value)} is neither true nor false`, shape);
  }
}

/** Whether the next word is the option's value, where none stands behind `=`. */
export function takesWord(option: OptionRow): boolean {
  return option.placeholder !== undefined && !option.isValueOptional;
}

function findOption(name: string, shape: CommandShape): OptionRow {
  const found = shape.options.find((option) => isNamed(option, name));
  if (found !== undefined) return found;
  const later = shape.stopsAtOperand && Object.hasOwn(LATER, name) ? LATER[name] : undefined;
  if (later !== undefined) {
    throw new CtrError("unsupported", `Cannot use option "${name}": ${later}`, { hint: seeHelp(shape) });
  }
  throw usageError(name, "there is no such option", shape);
}

/** Whether an option has that name, in whatever form. */
export function isNamed({ long, short, aliases }: OptionRow, name: string): boolean {
  return long === name || short === name || aliases?.some((alias) => alias === name) === true;
}

function usageError(name: string, problem: string, shape: CommandShape): CtrError {
  const isKnown = shape.options.some((option) => isNamed(option, name));
  const near = isKnown ? undefined : nearest(name, longNames(shape));
  return new CtrError("usage", `Cannot use option ${JSON.stringify(name)}: ${problem}`, {
    hint: near === undefined ? seeHelp(shape) : `Did you mean "${near}"?`,
  });
}

function longNames({ options }: CommandShape): readonly string[] {
  return options.flatMap(({ long, aliases = [], isHidden }) => isHidden ? [] : [...aliases, long]);
}

/** Renders the hint that leads to a command's help. */
export function seeHelp({ path }: Pick<CommandShape, "path">): string {
  return `Run "${path} --help"`;
}
