/** Evaluates a parsed template, as Go's text/template does. Pure. */

import { didYouMean } from "../../spec/nearest.ts";
import { formatPlain } from "./format_value.ts";
import type { Functions, Parameter, TemplateFunction } from "./functions.ts";
import type { Branch, Command, Node, Operand, Pipe } from "./nodes.ts";
import type { Parsed } from "./parse.ts";
import { Fault, templateError } from "./template_error.ts";
import { isMethod, isTrue, KIND_NAMES, kindName, type Method, sortedEntries, valueOf } from "./values.ts";

/** What a template is evaluated with. */
export interface Evaluation {
  readonly template: string;
  readonly parsed: Parsed;
  readonly functions: Functions;
  /** Where the text goes, piece by piece: what stands there when an error is thrown is what came before it. */
  readonly output: string[];
}

/** How a list of nodes ended. */
type Flow = "on" | "break" | "continue";

/** A variable: `$`, or one that was declared. */
interface Variable {
  readonly name: string;
  value: unknown;
}

/** No value came down the pipeline. */
const NONE = Symbol("none");

/** How many templates may be in one another; only one that calls itself gets there. */
const MAX_DEPTH = 200;

/** Elements of `range 1000000`; more than anyone reads, and soon done. */
const MAX_RANGE = 1_000_000n;

/**
 * Evaluates the template with `data` as `.` and `$`.
 *
 * @throws {CtrError} code "usage" for a field that is not there, and for what a function can't do
 */
export function evaluate(data: unknown, evaluation: Evaluation): void {
  new Evaluator(evaluation, data, 0).walk(evaluation.parsed.nodes, data);
}

class Evaluator {
  readonly #evaluation: Evaluation;
  readonly #variables: Variable[];
  readonly #depth: number;

  constructor(evaluation: Evaluation, data: unknown, depth: number) {
    this.#evaluation = evaluation;
    this.#variables = [{ name: "$", value: data }];
    this.#depth = depth;
  }

  walk(nodes: readonly Node[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = this.#walkNode(node, dot);
      if (flow !== "on") return flow;
    }
    return "on";
  }

  #walkNode(node: Node, dot: unknown): Flow {
    switch (node.kind) {
      case "text":
        this.#evaluation.output.push(node.text);
        return "on";
      case "action": {
        const value = this.#evaluatePipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#evaluation.output.push(this.#show(value, node.pipe));
        return "on";
      }
      case "template":
        this.#walkTemplate(node, dot);
        return "on";
      case "break":
      case "continue":
        return node.kind;
      default:
        return this.#walkBranch(node, dot);
    }
  }

  #show(value: unknown, { at, source }: Pipe): string {
    if (value === undefined) return "<no value>";
    if (isMethod(value)) {
      throw this.#error({ at, source }, "print", "it is a method that wants a value");
    }
    return this.#guard({ at, source }, "print", () => formatPlain(value));
  }

  #walkTemplate({ at, name, pipe }: Node & { kind: "template" }, dot: unknown): void {
    const nodes = this.#evaluation.parsed.defined.get(name);
    const place = { at, source: `the template ${JSON.stringify(name)}` };
    if (nodes === undefined) {
      const hint = didYouMean(
        name,
        this.#evaluation.parsed.defined.keys(),
        `Write {{define ${JSON.stringify(name)}}}`,
      );
      throw this.#error(place, "use", "it is not defined", hint);
    }
    if (this.#depth === MAX_DEPTH) throw this.#error(place, "use", "it calls itself without an end");
    const data = pipe === undefined ? undefined : this.#evaluatePipe(pipe, dot);
    new Evaluator(this.#evaluation, data, this.#depth + 1).walk(nodes, data);
  }

  #walkBranch(node: Branch, dot: unknown): Flow {
    const scope = this.#variables.length;
    const value = this.#evaluatePipe(node.pipe, dot);
    let flow: Flow;
    if (node.kind === "range") flow = this.#walkRange(node, value, dot);
    else if (isTrue(value)) flow = this.walk(node.body, node.kind === "with" ? value : dot);
    else flow = this.walk(node.otherwise, dot);
    this.#variables.length = scope;
    return flow;
  }

  #walkRange(node: Branch, value: unknown, dot: unknown): Flow {
    const entries = this.#entriesOf(node.pipe, value);
    if (entries.length === 0) return this.walk(node.otherwise, dot);
    const scope = this.#variables.length;
    for (const [key, element] of entries) {
      this.#setRangeVariables(node.pipe, key, element);
      const flow = this.walk(node.body, element);
      this.#variables.length = scope;
      if (flow === "break") break;
    }
    return "on";
  }

  /** The first of two variables gets the key, else the only one the element. */
  #setRangeVariables({ variables }: Pipe, key: unknown, element: unknown): void {
    const [first, second] = variables;
    if (first !== undefined) this.#setVariable(first, second === undefined ? element : key);
    if (second !== undefined) this.#setVariable(second, element);
  }

  #entriesOf(pipe: Pipe, given: unknown): readonly (readonly [unknown, unknown])[] {
    const value = valueOf(given);
    switch (value.kind) {
      case "list":
        return [...value.value.entries()];
      case "map":
        return sortedEntries(value.value);
      case "nothing":
        if (!value.isPointer) return [];
        break;
      case "int":
        if (value.value > MAX_RANGE) throw this.#error(pipe, "range over", `it is more than ${MAX_RANGE}`);
        if (pipe.variables.length > 1) {
          throw this.#error(pipe, "range over", "a number gives one value, not two");
        }
        return Array.from({ length: Math.max(Number(value.value), 0) }, (_, index) => [index, index]);
      default:
        break;
    }
    throw this.#error(
      pipe,
      "range over",
      `it is ${KIND_NAMES[value.kind]}`,
      "Give range a list, a map or a number",
    );
  }

  #evaluatePipe(pipe: Pipe, dot: unknown): unknown {
    let value: unknown = NONE;
    for (const command of pipe.commands) value = this.#evaluateCommand(command, dot, value);
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.#setVariable(name, value);
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #evaluateCommand({ first, rest }: Command, dot: unknown, piped: unknown): unknown {
    const isCalled = rest.length > 0 || piped !== NONE;
    switch (first.kind) {
      case "function":
        return this.#call(first, rest, dot, piped);
      case "fields":
      case "variable":
      case "pipe":
        if (isCalled && first.names.length > 0) return this.#callMethod(first, rest, dot, piped);
        break;
      case "nil":
        throw this.#error(first, "use", "it is no value by itself", "Compare with it: {{if eq .Name nil}}");
      default:
        break;
    }
    if (isCalled) throw this.#error(first, "give a value to", "it is no function");
    return this.#evaluateOperand(first, dot);
  }

  #evaluateOperand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "literal":
        return operand.value;
      case "function":
        return this.#call(operand, [], dot, NONE);
      default: {
        const value = this.#member(operand, operand.names, dot);
        return isMethod(value) ? this.#callWith(operand, value, []) : value;
      }
    }
  }

  /** What an operand with fields leads to; the last one may be a method, which is not called yet. */
  #member(
    operand: Operand & { kind: "fields" | "variable" | "pipe" },
    names: readonly string[],
    dot: unknown,
  ): unknown {
    let value = operand.kind === "fields"
      ? dot
      : operand.kind === "variable"
      ? this.#variable(operand.variable).value
      : this.#evaluatePipe(operand.pipe, dot);
    for (const name of names) {
      if (isMethod(value)) value = this.#callWith(operand, value, []);
      value = this.#field(operand, value, name);
    }
    return value;
  }

  #field(operand: Operand, given: unknown, name: string): unknown {
    const value = valueOf(given);
    switch (value.kind) {
      case "nothing":
        if (!value.isPointer) return undefined;
        throw this.#error(
          operand,
          "read",
          `what should have the field ${JSON.stringify(name)} is nil`,
          "Test it by {{with}}",
        );
      case "map":
        return value.value.get(name);
      case "struct": {
        if (Object.hasOwn(value.value, name)) return value.value[name];
        const names = Object.keys(value.value);
        const hint = didYouMean(
          name,
          names,
          names.length === 0 ? "It has no fields" : `Write one of ${names.join(", ")}`,
        );
        throw this.#error(operand, "read", `there is no field ${JSON.stringify(name)}`, hint);
      }
      default:
        throw this.#error(operand, "read", `${KIND_NAMES[value.kind]} has no field ${JSON.stringify(name)}`);
    }
  }

  #callMethod(
    operand: Operand & { kind: "fields" | "variable" | "pipe" },
    rest: readonly Operand[],
    dot: unknown,
    piped: unknown,
  ): unknown {
    const value = this.#member(operand, operand.names, dot);
    if (!isMethod(value)) {
      throw this.#error(operand, "give a value to", "it is a field, and no function");
    }
    const given = rest.map((each) => this.#evaluateOperand(each, dot));
    return this.#callWith(operand, value, piped === NONE ? given : [...given, piped]);
  }

  /** Calls a method: all that they take is texts. */
  #callWith(operand: Operand, method: Method, given: readonly unknown[]): unknown {
    const texts = given.filter((each) => typeof each === "string");
    if (given.length !== method.length) {
      throw this.#error(operand, "call", `it takes ${count(method.length)}, and got ${given.length}`);
    }
    if (texts.length !== given.length) throw this.#error(operand, "call", "it takes texts alone");
    return method(...texts);
  }

  #call(
    operand: Operand & { kind: "function" },
    rest: readonly Operand[],
    dot: unknown,
    piped: unknown,
  ): unknown {
    const called = this.#evaluation.functions[operand.name];
    if (called === undefined) throw this.#error(operand, "call", "there is no such function");
    const size = rest.length + (piped === NONE ? 0 : 1);
    const least = called.parameters.length;
    if (size < least || (size > least && called.rest === undefined)) {
      const wanted = `${called.rest === undefined ? "" : "at least "}${count(least)}`;
      throw this.#error(operand, "call", `it takes ${wanted}, and got ${size}`, hintOf(called));
    }
    const given: unknown[] = [];
    for (const each of rest) {
      given.push(this.#argument(called, operand, each, this.#evaluateOperand(each, dot), given.length));
      if (isDecided(called, given)) return given.at(-1);
    }
    if (piped !== NONE) given.push(this.#argument(called, operand, operand, piped, given.length));
    return this.#guard(operand, "call", () => called.call(...given), hintOf(called));
  }

  /** Checks an argument, and makes of it what the function takes. */
  #argument(
    called: TemplateFunction,
    operand: Operand,
    place: Operand,
    given: unknown,
    index: number,
  ): unknown {
    const wanted = called.parameters[index] ?? called.rest ?? "any";
    const value = accept(wanted, given);
    if (value !== NONE) return value;
    const found = kindName(given);
    const why = `${operand.source} takes ${PARAMETER_NAMES[wanted]} here, not ${found}`;
    throw this.#error(place, "use", why, hintOf(called));
  }

  #variable(name: string): Variable {
    const found = this.#variables.findLast((each) => each.name === name);
    // The parser has checked it; a template that is called sees only its own.
    if (found === undefined) throw new TypeError(`The variable ${name} is not there`);
    return found;
  }

  #setVariable(name: string, value: unknown): void {
    this.#variable(name).value = value;
  }

  #guard<Result>(place: Place, verb: string, work: () => Result, hint?: string): Result {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw this.#error(place, verb, error.message, error.hint ?? hint);
    }
  }

  #error({ at, source }: Place, verb: string, why: string, hint?: string): Error {
    return templateError(this.#evaluation.template, at, `${verb} ${source}`, why, hint);
  }
}

/** Where something stands, and how it is written. */
type Place = Pick<Operand, "at" | "source">;

const PARAMETER_NAMES: Readonly<Record<Parameter, string>> = {
  any: "a value",
  string: "a text",
  int: "a whole number",
  texts: "a list of texts",
};

function accept(wanted: Parameter, given: unknown): unknown {
  if (wanted === "any") return given;
  const value = valueOf(given);
  if (wanted === "texts") {
    return value.kind === "list" && value.value.every((each) => typeof each === "string") ? given : NONE;
  }
  return value.kind === wanted ? value.value : NONE;
}

/** Whether `and` or `or` need no more arguments. */
function isDecided({ goesOnWhile }: TemplateFunction, given: readonly unknown[]): boolean {
  return goesOnWhile !== undefined && isTrue(given.at(-1)) !== goesOnWhile;
}

function hintOf({ usage }: TemplateFunction): string {
  return `Write {{${usage}}}`;
}

function count(values: number): string {
  return values === 0 ? "no values" : values === 1 ? "one value" : `${values} values`;
}
