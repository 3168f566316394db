/** The stages of a Containerfile, and which of them are needed. Pure. */

import { expand, ExpandError } from "./expand.ts";
import { flagValue, flagValues, type Instruction } from "./instruction.ts";
import type { Containerfile } from "./parse_containerfile.ts";
import { type Position, type Problem, ProblemError } from "./problem.ts";
import { didYouMean } from "../spec/nearest.ts";

/** What begins with FROM. */
export interface Stage {
  /** In the order of the file, from 0. */
  readonly index: number;
  readonly name?: string;
  /** What it begins with: the index of a stage, or the name of an image. */
  readonly base: number | string;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

/** All of them. */
export interface Stages {
  readonly stages: readonly Stage[];
  /** Those before the first FROM, expanded. */
  readonly globals: ReadonlyMap<string, string | undefined>;
  readonly problems: readonly Problem[];
}

/** Divides a file. `given` are the values of --build-arg, `predefined` those that every file has. */
export function divideStages(
  { instructions, escape, problems: found }: Containerfile,
  { given, predefined }: {
    readonly given: ReadonlyMap<string, string | undefined>;
    readonly predefined: ReadonlyMap<string, string>;
  },
): Stages {
  const problems = [...found];
  const globals = new Map<string, string | undefined>();
  const stages: { -readonly [Key in keyof Stage]: Stage[Key] }[] = [];
  const lookup = (name: string) => globals.has(name) ? globals.get(name) : predefined.get(name);
  const tryOne = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(error.problem);
    }
  };
  for (const instruction of instructions) {
    tryOne(() => {
      if (instruction.name === "from") {
        const name = instruction.args[2]?.toLowerCase();
        const index = stages.length;
        const base = baseOf(instruction, { stages, lookup, escape });
        stages.push({
          index,
          ...(name !== undefined && { name }),
          base,
          from: instruction,
          instructions: [],
        });
      } else if (stages.length > 0) {
        const stage = stages.at(-1)!;
        (stage.instructions as Instruction[]).push(instruction);
      } else if (instruction.name === "arg") declare(instruction, { into: globals, given, lookup, escape });
      else {
        throw new ProblemError(
          instruction.at,
          "there is no FROM before this instruction",
          "Begin with FROM image",
        );
      }
    });
  }
  if (stages.length === 0 && problems.length === 0) {
    problems.push({ at: { line: 1, column: 1 }, message: "there is no FROM", hint: "Begin with FROM image" });
  }
  return { stages, globals, problems };
}

interface BaseOptions {
  readonly stages: readonly Stage[];
  readonly lookup: (name: string) => string | undefined;
  readonly escape: string;
}

function baseOf(instruction: Instruction, { stages, lookup, escape }: BaseOptions): number | string {
  const typed = instruction.args[0]!;
  const base = expandAt(typed, lookup, { escape, at: instruction.argsAt[0]! });
  if (base === "") {
    throw new ProblemError(
      instruction.argsAt[0]!,
      `${typed} is empty`,
      "Give it a value by ARG before FROM, or by --build-arg",
    );
  }
  return stages.findLast(({ name }) => name === base.toLowerCase())?.index ?? base;
}

/** Expands a text of an instruction. @throws {ProblemError} */
export function expandAt(
  text: string,
  lookup: (name: string) => string | undefined,
  { escape, at, isRaw = false }: { readonly escape: string; readonly at: Position; readonly isRaw?: boolean },
): string {
  try {
    return expand(text, lookup, { escape, isRaw });
  } catch (error) {
    if (!(error instanceof ExpandError)) throw error;
    throw new ProblemError({ line: at.line, column: at.column + error.index }, error.message);
  }
}

/** Notes what ARG declares: what was given, else its default; undefined where it has none. */
export function declare(
  { args, argsAt }: Instruction,
  { into, given, inherited, lookup, escape }: {
    readonly into: Map<string, string | undefined>;
    readonly given: ReadonlyMap<string, string | undefined>;
    /** For what has no default here: those before FROM, and of the platform. */
    readonly inherited?: ReadonlyMap<string, string | undefined>;
    readonly lookup: (name: string) => string | undefined;
    readonly escape: string;
  },
): void {
  args.forEach((word, index) => {
    const at = argsAt[index]!;
    const end = word.indexOf("=");
    const name = expandAt(end < 0 ? word : word.slice(0, end), lookup, { escape, at });
    if (!/^[a-zA-Z_][\w.-]*$/.test(name)) {
      throw new ProblemError(at, `${JSON.stringify(name)} is no name of a variable`, "Write ARG NAME=VALUE");
    }
    const value = end < 0 ? undefined : expandAt(word.slice(end + 1), lookup, { escape, at });
    into.set(name, given.get(name) ?? value ?? inherited?.get(name) ?? into.get(name));
  });
}

/** Finds the stage that --target names, or the last one. Undefined where there is none. */
export function maybeTarget(stages: readonly Stage[], target: string | undefined): Stage | undefined {
  if (target === undefined) return stages.at(-1);
  const wanted = target.toLowerCase();
  return stages.findLast(({ name }) => name === wanted) ??
    (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
}

/** What there is to choose from. */
export function targetHint(stages: readonly Stage[], target: string): string {
  const names = stages.flatMap(({ name }) => name === undefined ? [] : [name]);
  return didYouMean(
    target,
    names,
    names.length === 0 ? "No stage has a name" : `Choose from ${names.join(" ")}`,
  );
}

/** Finds the stage that --from names, among those before; undefined for an image. */
export function maybeSourceStage(stages: readonly Stage[], from: string, before: number): Stage | undefined {
  const earlier = stages.slice(0, before);
  return earlier.findLast(({ name }) => name === from.toLowerCase()) ??
    (/^\d+$/.test(from) ? earlier[Number(from)] : undefined);
}

/** Lists the stages that one needs, itself last, each behind those that it needs. */
export function neededStages(stages: readonly Stage[], target: Stage): readonly Stage[] {
  const needed = new Set<Stage>();
  const add = (stage: Stage): void => {
    if (needed.has(stage)) return;
    if (typeof stage.base === "number") add(stages[stage.base]!);
    for (const instruction of stage.instructions) {
      for (const from of sourcesOf(instruction)) {
        const source = maybeSourceStage(stages, from, stage.index);
        if (source !== undefined) add(source);
      }
    }
    needed.add(stage);
  };
  add(target);
  return [...needed];
}

/** What COPY --from and RUN --mount=from name. */
function sourcesOf(instruction: Instruction): readonly string[] {
  const from = flagValue(instruction, "--from");
  const mounts = flagValues(instruction, "--mount").flatMap((value) =>
    [...value.matchAll(/(?:^|,)from=([^,]*)/g)].map(([, name]) => name!)
  );
  return from === undefined ? mounts : [from, ...mounts];
}
