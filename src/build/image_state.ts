/** An image in the making: its configuration, and what each instruction without files does to it. Pure. */

import { cleanPath } from "../spec/clean_path.ts";
import { parseChange } from "../spec/parse_change.ts";
import { CtrError } from "../errors.ts";
import { parseExpose } from "../spec/parse_publish.ts";
import { parseSignal } from "../spec/parse_signal.ts";
import type { Instruction } from "./instruction.ts";
import { ProblemError } from "./problem.ts";

/** `config` of an image. Source: OCI image-spec, config.md; Shell, OnBuild and Healthcheck are docker's. */
export interface ImageConfiguration {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[] | null;
  readonly Healthcheck?: unknown;
}

/** An instruction whose arguments and flags are expanded. */
export type Expanded = Pick<Instruction, "name" | "args" | "isList" | "at" | "flags" | "trigger">;

const SHELL = ["/bin/sh", "-c"] as const;

/** The shell that runs what is no list. */
export function shellOf({ Shell }: ImageConfiguration): readonly string[] {
  return Shell ?? SHELL;
}

/** The words of RUN, CMD or ENTRYPOINT. */
export function commandOf(
  config: ImageConfiguration,
  { args, isList }: Pick<Expanded, "args" | "isList">,
): readonly string[] {
  return isList || args.length === 0 ? args : [...shellOf(config), args[0]!];
}

/** Gives the value of a variable of the image. */
export function environmentValue({ Env = [] }: ImageConfiguration, name: string): string | undefined {
  const entry = Env.findLast((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** Sets variables; one that is there keeps its place. */
export function withEnvironment(
  config: ImageConfiguration,
  pairs: readonly (readonly [string, string])[],
): ImageConfiguration {
  const env = [...config.Env ?? []];
  for (const [name, value] of pairs) {
    const index = env.findIndex((each) => each.startsWith(`${name}=`));
    if (index < 0) env.push(`${name}=${value}`);
    else env[index] = `${name}=${value}`;
  }
  return { ...config, Env: env };
}

/** Names and values by turns, as pairs. */
export function pairsOf(args: readonly string[]): readonly (readonly [string, string])[] {
  return args.flatMap((name, index) => index % 2 === 0 ? [[name, args[index + 1] ?? ""] as const] : []);
}

/** What an instruction does, where that is a change of the configuration alone. `hasCommand`: CMD was there in this stage. */
export function withInstruction(
  config: ImageConfiguration,
  instruction: Expanded,
  { hasCommand }: { readonly hasCommand: boolean },
): ImageConfiguration {
  const { args, at } = instruction;
  const [first = ""] = args;
  switch (instruction.name) {
    case "env":
      return withEnvironment(config, pairsOf(args));
    case "label":
      return { ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(args)) } };
    case "cmd":
      return { ...config, Cmd: commandOf(config, instruction) };
    case "entrypoint":
      // What the base image's command was meant for is gone with its entrypoint.
      return { ...config, Entrypoint: commandOf(config, instruction), ...(!hasCommand && { Cmd: null }) };
    case "user":
      return { ...config, User: first };
    case "workdir":
      return { ...config, WorkingDir: joinPath(config.WorkingDir ?? "/", first) };
    case "volume":
      return { ...config, Volumes: { ...config.Volumes, ...setOf(args) } };
    case "shell":
      return { ...config, Shell: args };
    case "expose":
      return { ...config, ExposedPorts: { ...config.ExposedPorts, ...placed(at, () => exposed(args)) } };
    case "stopsignal":
      placed(at, () => parseSignal(first));
      return { ...config, StopSignal: first };
    case "healthcheck":
      return { ...config, ...placed(at, () => parseChange(healthText(instruction))) };
    case "onbuild":
      return { ...config, OnBuild: [...config.OnBuild ?? [], instruction.trigger!.text] };
    default:
      return config;
  }
}

function setOf(keys: readonly string[]): Record<string, object> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function exposed(args: readonly string[]): Record<string, object> {
  return setOf(args.flatMap(parseExpose).map(({ port, protocol }) => `${port}/${protocol}`));
}

function healthText({ flags, args: [kind = "", ...command], isList }: Expanded): string {
  const words = flags.map(({ name, value }) => `${name}=${value}`);
  const text = isList ? JSON.stringify(command) : command.join(" ");
  return ["HEALTHCHECK", ...words, kind, text].filter((word) => word !== "").join(" ");
}

/** What a parser says is said of the place in the file. */
function placed<T>(at: Instruction["at"], parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    throw new ProblemError(at, error.message, error.hint);
  }
}

/** Joins a path to a directory, absolute, without `.` and `..`. */
export function joinPath(directory: string, path: string): string {
  return cleanPath(path.startsWith("/") ? path : `${directory}/${path}`);
}
