/**
 * How a command is declared: as plain data. Parsing, help, errors and completion are all derived from it, and so are
 * the types of what the command gets. Types alone: nothing of this is left when the program runs.
 */

import type { CommandEntry } from "./commands.ts";

/** What a value is, so that a shell can complete it; a list is the words to choose from, `word:` before a container's name. */
export type ValueKind =
  /** A file of this machine. */
  | "file"
  /** A directory of this machine. */
  | "directory"
  /** A file or directory of this machine, and `:` and more after it. */
  | "volume"
  /** A program of the container. */
  | "program"
  /** A container by name or id. */
  | "container"
  | "image"
  /** A volume by its name. */
  | "named volume"
  /** A capability's name. */
  | "capability"
  /** The name of a variable in the caller's environment. */
  | "variable"
  /** A command of myctr. */
  | "command"
  | readonly string[];

interface OptionNames {
  /** The field that it becomes. Options with one name make one list, in the order of the command line. */
  readonly name: string;
  readonly long: `--${string}`;
  readonly short?: `-${string}`;
  /** More long names. */
  readonly aliases?: readonly `--${string}`[];
  readonly description: string;
  /** The heading that help has it under, in place of "Options". */
  readonly group?: string;
  /** Whether help leaves it out; it is never suggested then. */
  readonly isHidden?: true;
}

/** An option that is there or not: `true` or `undefined`. */
export interface FlagRow extends OptionNames {
  readonly placeholder?: undefined;
}

/** An option that takes a value. */
export interface ValueRow extends OptionNames {
  /** What stands for the value in help. */
  readonly placeholder: string;
  /** Whether it may be left out, and is `true` then; it is given by `=` alone: `--name=value`. */
  readonly isValueOptional?: true;
  /** Whether it holds where it is not given: then `=false` says something. */
  readonly isOnByDefault?: true;
  /** None where nothing can be completed. */
  readonly kind?: ValueKind;
  /** Checks the text and makes the value of it; without it the value is the text. */
  readonly parse?: (text: string) => unknown;
  /** Whether all values count, as a list; else the last one does. */
  readonly isRepeated?: true;
}

/** One row of a command's table of options. */
export type OptionRow = FlagRow | ValueRow;

/** What stands behind a command that is no option. */
export interface OperandRow {
  /** The field that it becomes, and its name in help. */
  readonly name: string;
  readonly isRequired?: true;
  /** Whether it takes all words that are left; only the last operand may. */
  readonly isVariadic?: true;
  readonly kind?: ValueKind;
  readonly description?: string;
}

/** A command, or a noun that has commands below it. */
export interface Declaration {
  /** All words that lead to it, as typed: `myctr run`. */
  readonly path: string;
  /** One line. */
  readonly description: string;
  /** What follows the path in help, a line for each way; without it, it is made of options and operands. */
  readonly usage?: readonly string[];
  /** In alphabetical order, as help shows them. */
  readonly options: readonly OptionRow[];
  readonly operands: readonly OperandRow[];
  /** Whether the first word that is no option ends the options; what follows it is left alone. */
  readonly stopsAtOperand?: boolean;
  /** Lines of help. */
  readonly examples?: readonly string[];
  /** The last line of help. */
  readonly footer?: string;
  /** The commands below it. */
  readonly commands?: readonly CommandEntry[];
}

/** The rows with one name. */
type Named<Rows extends readonly { readonly name: string }[], Name> = Extract<
  Rows[number],
  { readonly name: Name }
>;

type ValueOf<Row> =
  | (Row extends { readonly parse: (text: string) => infer Value } ? Value
    : Row extends { readonly placeholder: string } ? string
    : true)
  | (Row extends { readonly isValueOptional: true } ? true : never);

type RepeatedName<Rows extends readonly OptionRow[]> = Extract<
  Rows[number],
  { readonly isRepeated: true }
>["name"];

/** What a table of options becomes: lists are always there, a flag (`true`) or a value only where it was given. */
export type OptionsOf<Rows extends readonly OptionRow[]> =
  & { readonly [Name in RepeatedName<Rows>]: readonly ValueOf<Named<Rows, Name>>[] }
  & { readonly [Name in Exclude<Rows[number]["name"], RepeatedName<Rows>>]?: ValueOf<Named<Rows, Name>> };

type CertainName<Rows extends readonly OperandRow[]> = Extract<
  Rows[number],
  { readonly isRequired: true } | { readonly isVariadic: true }
>["name"];

type WordsOf<Row> = Row extends { readonly isVariadic: true } ? readonly string[] : string;

/** What a command's operands become: an optional one is there only where it was given, a variadic one is a list. */
export type OperandsOf<Rows extends readonly OperandRow[]> =
  & { readonly [Name in CertainName<Rows>]: WordsOf<Named<Rows, Name>> }
  & { readonly [Name in Exclude<Rows[number]["name"], CertainName<Rows>>]?: WordsOf<Named<Rows, Name>> };

/** What a command is called with. */
export interface Call<Declared extends Declaration> {
  readonly options: OptionsOf<Declared["options"]>;
  readonly operands: OperandsOf<Declared["operands"]>;
}
