/** Reads one instruction: its name, its flags, and what stands behind them by the form that it has. Pure. */

import { didYouMean } from "../spec/nearest.ts";
import { maybeWordList } from "../spec/word_list.ts";
import { type Flag, FLAGS, type Instruction, type InstructionName, INSTRUCTIONS } from "./instruction.ts";
import { type Position, ProblemError } from "./problem.ts";
import type { InstructionLine } from "./source_lines.ts";
import { parseRunMount } from "./run_mounts.ts";
import { splitWords, type Word } from "./words.ts";

/** What of an instruction is still to be read. */
interface Rest {
  readonly text: string;
  /** Where `text` begins in the instruction. */
  readonly index: number;
}

interface Reading {
  readonly line: InstructionLine;
  readonly escape: string;
  readonly name: InstructionName;
  readonly at: Position;
}

type Args = Pick<Instruction, "args" | "argsAt" | "isList">;

/** Reads it. @throws {ProblemError} */
export function parseInstruction(line: InstructionLine, escape: string): Instruction {
  return parseAt(line, { text: line.text, index: 0 }, escape);
}

function parseAt(line: InstructionLine, all: Rest, escape: string): Instruction {
  const { text, index } = trimmed(all);
  const at = line.positionOf(index);
  const [, typed = "", behind = ""] = /^(\S+)(.*)$/s.exec(text) ?? [];
  const name = INSTRUCTIONS.find((each) => each === typed.toLowerCase());
  if (name === undefined) throw unknown(typed, at);
  const reading = { line, escape, name, at };
  const { flags, rest } = readFlags(trimmed({ text: behind, index: index + typed.length }), reading);
  const common = { name, flags, heredocs: line.heredocs, at, text: text.trim() };
  if (name === "onbuild") {
    return { ...common, args: [], argsAt: [], isList: false, trigger: parseTrigger(rest, reading) };
  }
  return { ...common, ...readArgs(rest, reading) };
}

function unknown(typed: string, at: Position): ProblemError {
  const names = INSTRUCTIONS.map((each) => each.toUpperCase());
  const hint = didYouMean(typed.toUpperCase(), names, `Choose from ${names.join(" ")}`);
  return new ProblemError(at, `there is no instruction ${JSON.stringify(typed)}`, hint);
}

function trimmed({ text, index }: Rest): Rest {
  const begin = text.length - text.trimStart().length;
  return { text: text.trim(), index: index + begin };
}

const NEVER_LATER: ReadonlySet<string> = new Set(["onbuild", "from", "maintainer"]);

function parseTrigger(rest: Rest, { line, escape, at }: Reading): Instruction {
  if (rest.text === "") throw new ProblemError(at, "ONBUILD needs an instruction behind it");
  const trigger = parseAt(line, rest, escape);
  if (!NEVER_LATER.has(trigger.name)) return trigger;
  throw new ProblemError(trigger.at, `${trigger.name.toUpperCase()} can not stand behind ONBUILD`);
}

/** Words that begin with two dashes; two dashes alone end them. */
function readFlags(
  { text, index }: Rest,
  { line, escape, name }: Reading,
): { readonly flags: readonly Flag[]; readonly rest: Rest } {
  const flags: Flag[] = [];
  const known = FLAGS[name] ?? {};
  let rest: Rest = { text, index };
  if (!text.startsWith("--")) return { flags, rest };
  for (const word of splitWords(text, escape)) {
    if (!word.text.startsWith("--")) return { flags, rest: trimmed(cut(text, index, word.index)) };
    const at = line.positionOf(index + word.index);
    rest = trimmed(cut(text, index, word.index + word.text.length));
    if (word.text === "--") return { flags, rest };
    const [, typed = "", value] = /^(--[^=]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    const flag = { name: typed, at, ...(value !== undefined && { value: unquoted(value, escape) }) };
    checkFlag(flag, name, known);
    // Where variables are in it, it is read when they are known.
    if (flag.name === "--mount" && !flag.value?.includes("$")) parseRunMount(flag, "/");
    flags.push(flag);
  }
  return { flags, rest };
}

function cut(text: string, index: number, from: number): Rest {
  return { text: text.slice(from), index: index + from };
}

/** Flags are read before variables are: quotes around a part of one are left out. */
function unquoted(text: string, escape: string): string {
  let quote = "";
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === escape && at + 1 < text.length) result += text[++at];
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = "";
    else result += character;
  }
  return result;
}

function checkFlag(
  { name, value, at }: Flag,
  instruction: InstructionName,
  known: Readonly<Record<string, boolean>>,
): void {
  const upper = instruction.toUpperCase();
  if (!Object.hasOwn(known, name)) {
    const names = Object.keys(known);
    const choices = names.length === 0 ? "Leave it out" : `${upper} takes ${names.join(" ")}`;
    throw new ProblemError(at, `${upper} has no flag ${name}`, didYouMean(name, names, choices));
  }
  if (value === undefined && !known[name]) {
    throw new ProblemError(at, `${name} has no value`, `Write ${name}=VALUE`);
  }
  if (known[name] && value !== undefined && !/^(true|false)$/i.test(value)) {
    throw new ProblemError(at, `${name} is either true or false`);
  }
}

function readArgs(rest: Rest, reading: Reading): Args {
  const args = FORMS[reading.name](rest, reading);
  const [least, what] = NEEDS[reading.name];
  if (args.args.length >= least) return args;
  const upper = reading.name.toUpperCase();
  throw new ProblemError(reading.at, `${upper} needs ${what}`, `Write ${upper} ${EXAMPLES[reading.name]}`);
}

function words(rest: Rest, { line, escape }: Reading): readonly (Word & { readonly at: Position })[] {
  return splitWords(rest.text, escape).map((word) => ({
    ...word,
    at: line.positionOf(rest.index + word.index),
  }));
}

function whole(rest: Rest, { line }: Reading): Args {
  const isThere = rest.text !== "";
  return {
    args: isThere ? [rest.text] : [],
    argsAt: isThere ? [line.positionOf(rest.index)] : [],
    isList: false,
  };
}

/** Blanks divide, also those in quotes: docker does not know better there. */
function byBlanks(rest: Rest, { line }: Reading): Args {
  const found = [...rest.text.matchAll(/\S+/g)];
  return {
    args: found.map(([word]) => word),
    argsAt: found.map(({ index }) => line.positionOf(rest.index + index)),
    isList: false,
  };
}

function asWords(rest: Rest, reading: Reading): Args {
  const found = words(rest, reading);
  return { args: found.map(({ text }) => text), argsAt: found.map(({ at }) => at), isList: false };
}

/** A list in JSON; undefined where it is none. @throws {ProblemError} for a list of something else than texts */
function maybeList({ text, index }: Rest, { line }: Reading): Args | undefined {
  const at = line.positionOf(index);
  const list = maybeWordList(text);
  if (list !== undefined) return { args: list, argsAt: list.map(() => at), isList: true };
  if (isOtherList(text)) {
    throw new ProblemError(
      at,
      "a list has something else in it than texts",
      "Write each of them in double quotes",
    );
  }
  return undefined;
}

function isOtherList(text: string): boolean {
  if (!text.startsWith("[")) return false;
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

const listOrWhole = (rest: Rest, reading: Reading) => maybeList(rest, reading) ?? whole(rest, reading);
const listOrWords = (rest: Rest, reading: Reading) => maybeList(rest, reading) ?? byBlanks(rest, reading);

/** `NAME=VALUE …`, or the old form `NAME value to the end`. */
function pairs(rest: Rest, reading: Reading): Args {
  const found = words(rest, reading);
  const [first] = found;
  if (first === undefined) return { args: [], argsAt: [], isList: false };
  if (!first.text.includes("=")) return oldPair(rest, reading);
  const split = found.map(({ text, at }) => {
    const end = text.indexOf("=");
    if (end > 0) return { at, pair: [text.slice(0, end), text.slice(end + 1)] };
    const problem = end < 0 ? `there is no = in ${JSON.stringify(text)}` : "there is no name before the =";
    throw new ProblemError(
      at,
      problem,
      'Write NAME=VALUE, with quotes around a value that has blanks: NAME="a b"',
    );
  });
  return {
    args: split.flatMap(({ pair }) => pair),
    argsAt: split.flatMap(({ at }) => [at, at]),
    isList: false,
  };
}

function oldPair(rest: Rest, { line, name, at }: Reading): Args {
  const [, key = "", blank = "", value = ""] = /^(\S+)(\s+)(.*)$/s.exec(rest.text) ?? [];
  if (key === "") {
    const upper = name.toUpperCase();
    throw new ProblemError(at, `${upper} needs a name and a value`, `Write ${upper} ${EXAMPLES[name]}`);
  }
  const valueAt = line.positionOf(rest.index + key.length + blank.length);
  return { args: [key, value], argsAt: [line.positionOf(rest.index), valueAt], isList: false };
}

function healthcheck(rest: Rest, reading: Reading): Args {
  const [, kind = "", behind = ""] = /^(\S*)(.*)$/s.exec(rest.text) ?? [];
  const at = reading.line.positionOf(rest.index);
  const command = trimmed({ text: behind, index: rest.index + kind.length });
  const upper = kind.toUpperCase();
  if (upper === "NONE" && command.text === "") return { args: [upper], argsAt: [at], isList: false };
  if (upper !== "CMD") {
    const problem = kind === ""
      ? "HEALTHCHECK needs NONE or CMD"
      : `HEALTHCHECK knows no ${JSON.stringify(kind)}`;
    throw new ProblemError(kind === "" ? reading.at : at, problem, "Write HEALTHCHECK CMD command, or NONE");
  }
  const { args, argsAt, isList } = listOrWhole(command, reading);
  if (args.length === 0) throw new ProblemError(at, "there is no command behind CMD");
  return { args: [upper, ...args], argsAt: [at, ...argsAt], isList };
}

function from(rest: Rest, reading: Reading): Args {
  const found = byBlanks(rest, reading);
  const { args, argsAt } = found;
  if (args.length < 2) return found;
  if (args.length !== 3 || args[1]!.toUpperCase() !== "AS") {
    throw new ProblemError(argsAt[1]!, "FROM takes an image, and AS with a name", "Write FROM image AS name");
  }
  if (/^[a-z][a-z0-9\-_.]*$/i.test(args[2]!)) return found;
  throw new ProblemError(
    argsAt[2]!,
    `${JSON.stringify(args[2])} is no name of a stage`,
    "Begin it with a letter; digits and . - _ may follow",
  );
}

function shell(rest: Rest, reading: Reading): Args {
  const list = maybeList(rest, reading);
  if (list !== undefined) return list;
  throw new ProblemError(reading.at, "SHELL needs a list", `Write SHELL ${EXAMPLES.shell}`);
}

const FORMS: Readonly<Record<InstructionName, (rest: Rest, reading: Reading) => Args>> = {
  add: listOrWords,
  arg: asWords,
  cmd: listOrWhole,
  copy: listOrWords,
  entrypoint: listOrWhole,
  env: pairs,
  expose: byBlanks,
  from,
  healthcheck,
  label: pairs,
  maintainer: whole,
  onbuild: whole,
  run: listOrWhole,
  shell,
  stopsignal: whole,
  user: whole,
  volume: listOrWords,
  workdir: whole,
};

const NEEDS: Readonly<Record<InstructionName, readonly [least: number, what: string]>> = {
  add: [2, "a source and a target"],
  arg: [1, "a name"],
  cmd: [0, ""],
  copy: [2, "a source and a target"],
  entrypoint: [0, ""],
  env: [2, "a name and a value"],
  expose: [1, "a port"],
  from: [1, "an image"],
  healthcheck: [1, "NONE or CMD"],
  label: [2, "a name and a value"],
  maintainer: [1, "a name"],
  onbuild: [0, ""],
  run: [1, "a command"],
  shell: [1, "a list of words"],
  stopsignal: [1, "a signal"],
  user: [1, "a user"],
  volume: [1, "a path"],
  workdir: [1, "a path"],
};

const EXAMPLES: Readonly<Record<InstructionName, string>> = {
  add: "app.tar.gz /srv/",
  arg: "VERSION=1",
  cmd: '["program", "word"]',
  copy: "app /srv/app",
  entrypoint: '["program", "word"]',
  env: "NAME=VALUE",
  expose: "80/tcp",
  from: "alpine:3.20 AS build",
  healthcheck: "CMD command",
  label: "name=value",
  maintainer: "name",
  onbuild: "RUN command",
  run: "command",
  shell: '["/bin/bash", "-c"]',
  stopsignal: "SIGTERM",
  user: "name",
  volume: "/data",
  workdir: "/srv",
};
