/**
 * `--format` of a command that prints a list, as docker has it: `json` is an object on each line, `TEMPLATE` a line for
 * each row, `table TEMPLATE` has the titles before them and aligns cells that end with a tab; `table` alone is the usual
 * table. Outside of braces and in back quotes `\t` and `\n` are tab and newline. Pure.
 *
 *     const LISTING: Listing<ContainerRow> = {
 *       columns: [
 *         { name: "ID", title: "CONTAINER ID", value: ({ id }) => id.slice(0, 12) },
 *         { name: "Label", title: labelTitle, answer: ({ labels }, asked) => labels.get(asked) ?? "" },
 *       ],
 *       table: "{{.ID}}\t{{.Names}}",
 *     };
 *     const format = parseRowFormat(text, LISTING); // before anything is done
 *     session.print(format(rows));
 */

import { CtrError } from "../../errors.ts";
import { noFormat } from "../no_format.ts";
import { alignTabs } from "../table.ts";
import { HEADER_FUNCTIONS } from "./functions.ts";
import { Template } from "./template.ts";
import { compareTexts, type Struct } from "./values.ts";

/** A field of a row. */
export interface Field<Row> {
  /** As a template has it: `Names`. */
  readonly name: string;
  /** As the header of a table has it: `NAMES`. */
  readonly title: string;
  /** Called only where the value is asked for. */
  readonly value: (row: Row) => unknown;
}

/** What a row can be asked with a text: `{{.Label "name"}}`. It is not in JSON. */
export interface Question<Row> {
  readonly name: string;
  /** The title for the text asked. */
  readonly title: (asked: string) => string;
  readonly answer: (row: Row, asked: string) => unknown;
}

/** What a command lists. */
export interface Listing<Row> {
  readonly columns: readonly (Field<Row> | Question<Row>)[];
  /** The template of `table` alone. */
  readonly table: string;
}

/**
 * Reads a format; what it gives writes rows, each with a newline.
 *
 * @throws {CtrError} code "usage" for a mistake in the template; the writer does so too, for a field that is not there
 */
export function parseRowFormat<Row>(
  format: string,
  { columns, table }: Listing<Row>,
): (rows: readonly Row[]) => string {
  const isTable = format.startsWith("table");
  const written = trimBlanks(
    isTable ? format.slice("table".length) : format === "json" ? "{{json .}}" : format,
  );
  if (written !== "" && !written.includes("{{")) throw noFormat(format, ["json", "table"]);
  const template = new Template(isTable && written === "" ? table : written, { hasEscapes: true });
  return (rows) => {
    const cursor = new Cursor(columns);
    const lines = rows.map((row) => `${template.render(cursor.at(row))}\n`).join("");
    return isTable ? alignTabs(`${renderHeader(template, columns)}\n${lines}`) : lines;
  };
}

/** The title of a label as docker has it: what stands behind the last dot, with blanks for `-` and `_`. */
export function labelTitle(label: string): string {
  return (label.split(".").at(-1) ?? "").replace(/[-_]/g, " ");
}

function trimBlanks(text: string): string {
  return text.replace(/^ +| +$/g, "");
}

/** Shows one row after the other through one object: of hundreds of rows, objects of their own would cost the most. */
class Cursor<Row> {
  #row: Row | undefined;
  readonly #object: Struct;

  constructor(columns: Listing<Row>["columns"]) {
    this.#object = objectOf(
      columns,
      (column) =>
        isQuestion(column)
          ? { value: (asked: string) => column.answer(this.#row as Row, asked) }
          : { get: () => column.value(this.#row as Row) },
    );
  }

  /** A row as a template sees it: fields by name in order, as in docker's JSON, each read when it is asked for. */
  at(row: Row): Struct {
    this.#row = row;
    return this.#object;
  }
}

/** What the template makes of the titles. Where they are not what its functions take, docker ends the header there. */
function renderHeader<Row>(template: Template, columns: Listing<Row>["columns"]): string {
  const output: string[] = [];
  const titles = objectOf(columns, ({ title }) => ({ value: title }));
  try {
    template.renderInto(output, titles, HEADER_FUNCTIONS);
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
  }
  return output.join("");
}

function objectOf<Row>(
  columns: Listing<Row>["columns"],
  describe: (column: Field<Row> | Question<Row>) => PropertyDescriptor,
): Struct {
  const sorted = columns.toSorted((a, b) => compareTexts(a.name, b.name));
  const properties = sorted.map((column) =>
    [column.name, { ...describe(column), enumerable: true }] as const
  );
  return Object.create(null, Object.fromEntries(properties));
}

function isQuestion<Row>(column: Field<Row> | Question<Row>): column is Question<Row> {
  return typeof column.title === "function";
}
