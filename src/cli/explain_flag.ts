/** Explains a flag: what help says of it, and for `run` which steps it adds to a plan. */

import { explainOperation, type Explanation } from "../plan/explain_word.ts";
import type { Plan } from "../plan/operation.ts";
import { COMMANDS } from "./commands.ts";
import type { Declaration, OptionRow } from "./declaration.ts";
import { PROGRAM } from "./program.ts";
import { RUN } from "./run_options.ts";
import { planOf } from "./sample_plans.ts";

/** Values to show what a flag does, for those that take one. */
const SAMPLE_VALUES: Readonly<Record<string, string>> = {
  "--cap-add": "NET_RAW",
  "--cap-drop": "KILL",
  "--entrypoint": "/bin/sh",
  "--env": "A=1",
  "--hostname": "box",
  "--mount": "type=tmpfs,dst=/data",
  "--network": "host",
  "--tmpfs": "/data",
  "--user": "1000",
  "--volume": "/usr:/data:ro",
  "--workdir": "/tmp",
};

/** Explains a flag by its long or short name, once for each command that has it. */
export async function explainFlag(word: string): Promise<readonly Explanation[]> {
  const name = word.split(/[ =]/, 1)[0] ?? "";
  const found = (await declarations()).flatMap(({ path, options }) => {
    const option = options.find((each) => !each.isHidden && namesOf(each).includes(name));
    return option === undefined ? [] : [{ path, option }];
  });
  const explanations = found.map(({ path, option }) => explainOption(path, option));
  const ofRun = found.find(({ path }) => path === RUN.path);
  return ofRun === undefined ? explanations : [...explanations, ...await addedSteps(ofRun.option)];
}

/** Lists all flags. */
export async function flagNames(): Promise<readonly string[]> {
  const all = (await declarations()).flatMap(({ options }) => options.filter(({ isHidden }) => !isHidden));
  return [...new Set(all.flatMap(namesOf))];
}

async function declarations(): Promise<readonly Declaration[]> {
  const shown = COMMANDS.filter(({ isHidden }) => !isHidden);
  const loaded = await Promise.all(shown.map(async ({ load }) => (await load()).declaration));
  return [PROGRAM, ...loaded];
}

function namesOf({ long, short, aliases = [] }: OptionRow): readonly string[] {
  return [long, ...aliases, ...(short === undefined ? [] : [short])];
}

function explainOption(path: string, option: OptionRow): Explanation {
  const { description, placeholder } = option;
  const value = placeholder === undefined ? "" : ` <${placeholder}>`;
  const choices = placeholder !== undefined && Array.isArray(option.kind)
    ? option.kind.join(", ")
    : undefined;
  return {
    title: `${namesOf(option).join(", ")}${value}: a flag of ${path}`,
    rows: [["does", description], ...(choices === undefined ? [] : [["words", choices] as const])],
  };
}

/** The steps of a plan with the flag that a plan without it does not have. */
async function addedSteps({ long, placeholder }: OptionRow): Promise<readonly Explanation[]> {
  const value = SAMPLE_VALUES[long];
  if (placeholder !== undefined && value === undefined) return [];
  const flag = value === undefined ? [long] : [long, value];
  let changed: Plan;
  try {
    changed = await planOf([...flag, "host", "true"]);
  } catch {
    // It asks for what this user may not, or for another kind of root.
    return [];
  }
  const plain = new Set((await planOf(["host", "true"])).operations.map(({ label }) => label));
  return changed.operations.filter(({ label }) => !plain.has(label)).map(explainOperation);
}
