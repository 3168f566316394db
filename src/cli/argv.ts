/** Reads options off a command line by docker's rules and writes them in one canonical form. Pure. */

import { CtrError } from "../errors.ts";
import { nearest } from "../spec/nearest.ts";

/** What must be known of an option; commander's Option has this shape. */
export interface OptionShape {
  /** `-e`; may also be a second long name, `--net`. */
  readonly short?: string | undefined;
  /** `--env` */
  readonly long?: string | undefined;
  /** Whether it takes a value. */
  readonly required: boolean;
  /** Whether help leaves it out; it is never suggested then. */
  readonly hidden: boolean;
}

/** What must be known of a command. */
export interface CommandShape {
  /** As it is typed: `myctr run`. */
  readonly path: string;
  readonly options: readonly OptionShape[];
  /** Whether the first word that is no option ends the options; what follows it is left alone. */
  readonly stopsAtOperand: boolean;
}

/** A command line taken apart. */
export interface ReadArgv {
  /** Each as `--name` or `--name=value`, in order. */
  readonly flags: readonly string[];
  readonly operands: readonly string[];
  /** Whether `--help` was met; what follows it is not read. */
  readonly isHelp: boolean;
}

/** Flags of docker that people will try, and what to say. */
const LATER: Readonly<Record<string, string>> = {
  "-t": "terminals are not there yet",
  "--tty": "terminals are not there yet",
  "-d": "containers in the background are not there yet",
  "--detach": "containers in the background are not there yet",
  "-p": "published ports are not there yet",
  "--publish": "published ports are not there yet",
};

const TRUE: readonly string[] = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE: readonly string[] = ["0", "f", "F", "false", "FALSE", "False"];

/**
 * Takes a command line apart: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, bundles such as
 * `-ie A=1`, `--flag=false`, and `--` as the end of the options.
 *
 * @throws {CtrError} code "usage" for an option or value that is wrong, "unsupported" for one of docker's
 */
export function readArgv(argv: readonly string[], shape: CommandShape): ReadArgv {
  const reading: Reading = { shape, rest: [...argv], flags: [], operands: [] };
  for (let word = reading.rest.shift(); word !== undefined; word = reading.rest.shift()) {
    if (word === "--") return { ...reading, operands: [...reading.operands, ...reading.rest], isHelp: false };
    if (word === "-" || !word.startsWith("-")) {
      reading.operands.push(word);
      if (!shape.stopsAtOperand) continue;
      return { ...reading, operands: [...reading.operands, ...reading.rest], isHelp: false };
    }
    if (word.startsWith("--")) readLong(word, reading);
    else readBundle(word, reading);
    if (reading.flags.at(-1) === "--help") return { ...reading, isHelp: true };
  }
  return { ...reading, isHelp: false };
}

interface Reading {
  readonly shape: CommandShape;
  /** Words not read yet. */
  readonly rest: string[];
  readonly flags: string[];
  readonly operands: string[];
}

function readLong(word: string, reading: Reading): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  addFlag(findOption(name, reading.shape), {
    name,
    value: equals < 0 ? undefined : word.slice(equals + 1),
    reading,
  });
}

/** Reads `-i`, `-ie A=1`, `-eA=1`, `-e=A=1`, `-i=false`: the first letter that takes a value takes the rest. */
function readBundle(word: string, reading: Reading): void {
  for (let index = 1; index < word.length && reading.flags.at(-1) !== "--help"; index++) {
    const name = `-${word[index]}`;
    const option = findOption(name, reading.shape);
    const tail = word.slice(index + 1);
    const isAssigned = tail.length > 1 && tail.startsWith("=");
    if (!isAssigned && !option.required) {
      addFlag(option, { name, value: undefined, reading });
      continue;
    }
    const value = isAssigned ? tail.slice(1) : tail === "" ? undefined : tail;
    addFlag(option, { name, value, reading });
    return;
  }
}

interface Typed {
  /** The option as typed. */
  readonly name: string;
  readonly value: string | undefined;
  readonly reading: Reading;
}

function addFlag({ long = "", required }: OptionShape, { name, value, reading }: Typed): void {
  if (required) {
    const given = value ?? reading.rest.shift();
    if (given === undefined) throw usageError(name, "its value is missing", reading.shape);
    reading.flags.push(`${long}=${given}`);
  } else if (value === undefined || TRUE.includes(value)) {
    reading.flags.push(long);
  } else if (FALSE.includes(value)) {
    const kept = reading.flags.filter((flag) => flag !== long);
    reading.flags.splice(0, reading.flags.length, ...kept);
  } else {
    throw usageError(name, `${JSON.stringify(value)} is neither true nor false`, reading.shape);
  }
}

function findOption(name: string, shape: CommandShape): OptionShape {
  const found = shape.options.find(({ short, long }) => name === short || name === long);
  if (found !== undefined) return found;
  const later = Object.hasOwn(LATER, name) ? LATER[name] : undefined;
  if (later !== undefined) {
    throw new CtrError("unsupported", `Cannot use option "${name}": ${later}`, { hint: seeHelp(shape) });
  }
  throw usageError(name, "there is no such option", shape);
}

function usageError(name: string, problem: string, shape: CommandShape): CtrError {
  const isKnown = shape.options.some(({ short, long }) => name === short || name === long);
  const near = isKnown ? undefined : nearest(name, longNames(shape));
  return new CtrError("usage", `Cannot use option ${JSON.stringify(name)}: ${problem}`, {
    hint: near === undefined ? seeHelp(shape) : `Did you mean "${near}"?`,
  });
}

function longNames({ options }: CommandShape): readonly string[] {
  return options.flatMap(({ short, long, hidden }) =>
    hidden ? [] : [short, long].filter((name) => name?.startsWith("--")).map(String)
  );
}

/** Renders the hint that leads to a command's help. */
export function seeHelp({ path }: Pick<CommandShape, "path">): string {
  return `Run "${path} --help"`;
}
