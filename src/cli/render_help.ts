/** Renders the help of a command from its declaration. */

import type { Declaration, OperandRow, OptionRow } from "./declaration.ts";

/** A word and what it means; the words of one help text stand in one column. */
interface Entry {
  readonly term: string;
  readonly description: string;
}

interface Section {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

/** Renders what `--help` prints; the commands below a noun are loaded for their descriptions. */
export async function renderHelp(declaration: Declaration): Promise<string> {
  const { description, examples = [], footer } = declaration;
  const sections = [
    { heading: "Arguments", entries: operandEntries(declaration.operands) },
    ...optionSections(declaration.options),
    { heading: "Commands", entries: await commandEntries(declaration) },
  ].filter(({ entries }) => entries.length > 0);
  const width = Math.max(0, ...sections.flatMap(({ entries }) => entries.map(({ term }) => term.length)));
  const parts = [
    renderUsage(declaration),
    description,
    ...sections.map((section) => renderSection(section, width)),
    ...(examples.length === 0 ? [] : [["Examples:", ...examples.map((line) => `  ${line}`)].join("\n")]),
    ...(footer === undefined ? [] : [footer]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function renderUsage({ path, usage, options, operands }: Declaration): string {
  const made = [...(options.length === 0 ? [] : ["[options]"]), ...operands.map(renderOperand)].join(" ");
  const ways = (usage ?? [made]).map((way) => `${path} ${way}`.trimEnd());
  return `Usage: ${ways.join("\n       ")}`;
}

function renderOperand({ name, isRequired, isVariadic }: OperandRow): string {
  const word = isVariadic ? `${name}...` : name;
  return isRequired ? `<${word}>` : `[${word}]`;
}

function renderSection({ heading, entries }: Section, width: number): string {
  return [
    `${heading}:`,
    ...entries.map(({ term, description }) => `  ${term.padEnd(width)}  ${description}`),
  ].join("\n");
}

function operandEntries(operands: readonly OperandRow[]): readonly Entry[] {
  return operands.flatMap(({ name, description }) =>
    description === undefined ? [] : [{ term: name, description }]
  );
}

/** One section for each heading, in the order in which the headings come up. */
function optionSections(options: readonly OptionRow[]): readonly Section[] {
  const visible = options.filter(({ isHidden }) => !isHidden);
  const groups = Map.groupBy(visible, ({ group }) => group ?? "Options");
  return [...groups].map(([heading, rows]) => ({ heading, entries: rows.map(optionEntry) }));
}

function optionEntry(option: OptionRow): Entry {
  const { short, long, aliases = [], description } = option;
  const names = [...aliases, long].join(", ");
  const value = renderValue(option);
  return { term: `${short === undefined ? "    " : `${short}, `}${names}${value}`, description };
}

function renderValue(option: OptionRow): string {
  if (option.placeholder === undefined) return "";
  return option.isValueOptional ? `[=${option.placeholder}]` : ` <${option.placeholder}>`;
}

async function commandEntries({ commands = [] }: Declaration): Promise<readonly Entry[]> {
  const visible = commands.filter(({ isHidden }) => !isHidden);
  return await Promise.all(visible.map(async ({ name, aliases = [], load }) => ({
    term: [name, ...aliases].join(", "),
    description: (await load()).declaration.description,
  })));
}
