/** Parses a template into nodes. Pure. */

import { didYouMean } from "../../spec/nearest.ts";
import { lex, type LexOptions, type Token } from "./lex.ts";
import { readLiteral } from "./literals.ts";
import type { Branch, Command, Node, Operand, Pipe } from "./nodes.ts";
import { Fault } from "./template_error.ts";
import { TokenReader } from "./token_reader.ts";

/** A parsed template: itself, and those that it defines. */
export interface Parsed {
  readonly nodes: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** What the parser must know besides the text. */
export interface ParseOptions extends LexOptions {
  /** Names of all functions. */
  readonly functions: readonly string[];
}

/** Words that end a list of nodes. */
type Ender = "end" | "else";
/** How many parentheses, or branches, may be in one another: each takes room on the stack. */
const MAX_NESTING = 100;

/** An operand, still without its place. */
type Term = Operand extends infer Each ? Each extends Operand ? Omit<Each, "at" | "source"> : never : never;
type Keyword = typeof KEYWORDS[number];
const KEYWORDS = [
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "template",
  "with",
] as const;

/**
 * Parses `template`.
 *
 * @throws {CtrError} code "usage" for what Go refuses too, and for what is not supported
 */
export function parse(template: string, options: ParseOptions): Parsed {
  return new Parser(template, options).parseAll();
}

class Parser {
  readonly #reader: TokenReader;
  readonly #functions: readonly string[];
  readonly #hasEscapes: boolean;
  readonly #defined = new Map<string, readonly Node[]>();
  #variables: string[] = ["$"];
  /** How many ranges we are in. */
  #ranges = 0;
  /** How many blocks, branches and ranges we are in. */
  #depth = 0;
  /** How many pipelines we are in. */
  #pipes = 0;

  constructor(template: string, { hasEscapes, functions }: ParseOptions) {
    this.#reader = new TokenReader(template, lex(template, { hasEscapes }));
    this.#functions = functions;
    this.#hasEscapes = hasEscapes;
  }

  parseAll(): Parsed {
    const nodes = this.#parseNodes(undefined);
    return { nodes, defined: this.#defined };
  }

  /** Parses up to an end of the list, which stays; `opener` is what it must be ended for. */
  #parseNodes(opener: Token | undefined): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#reader.peek();
      if (token.kind === "end") {
        if (opener === undefined) return nodes;
        throw this.#reader.error(
          opener,
          `read {{${opener.text}}}`,
          "it has no {{end}}",
          "Write {{end}} behind its text",
        );
      }
      this.#reader.take();
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const keyword = this.#keyword();
      if (keyword === "end" || keyword === "else") {
        if (opener !== undefined) return nodes;
        throw this.#reader.error(token, `read {{${keyword}}}`, "there is nothing that it ends");
      }
      nodes.push(...this.#parseAction(keyword));
    }
  }

  /** Parses what stands behind `{{`; a definition gives no node. */
  #parseAction(keyword: Keyword | undefined): readonly Node[] {
    const token = this.#reader.peek();
    if (keyword === undefined) return [{ kind: "action", pipe: this.#parsePipe("close", "action") }];
    this.#reader.take();
    switch (keyword) {
      case "if":
      case "with":
      case "range":
        return [this.#parseBranch(token, keyword)];
      case "break":
      case "continue":
        this.#reader.expect("close", `{{${keyword}}}`);
        if (this.#ranges > 0) return [{ kind: keyword }];
        throw this.#reader.error(token, `read {{${keyword}}}`, "it is in no {{range}}");
      case "define":
        if (this.#depth > 0) {
          throw this.#reader.error(token, "read {{define}}", "it stands inside of another action");
        }
        this.#define(token, this.#parseName(), () => this.#reader.expect("close", "{{define}}"));
        return [];
      case "template":
        return [this.#parseTemplate(token)];
      default:
        return [this.#parseBlock(token)];
    }
  }

  /** Parses `if`, `with` and `range` up to their end. */
  #parseBranch(token: Token, kind: Branch["kind"]): Branch {
    const scope = this.#variables.length;
    const pipe = this.#parsePipe("close", kind);
    const isRange = kind === "range";
    if (++this.#depth > MAX_NESTING) throw this.#tooDeep(token);
    if (isRange) this.#ranges++;
    const body = this.#parseNodes(token);
    if (isRange) this.#ranges--;
    const otherwise = this.#takeEnder() === "else" ? this.#parseElse(token, kind) : [];
    this.#depth--;
    this.#variables.length = scope;
    return { kind, pipe, body, otherwise };
  }

  /** Parses what stands behind `else`, with the end. */
  #parseElse(opener: Token, kind: Branch["kind"]): readonly Node[] {
    const token = this.#reader.peek();
    if (token.kind === "identifier" && token.text === kind && kind !== "range") {
      this.#reader.take();
      return [this.#parseBranch(token, kind)];
    }
    this.#reader.expect("close", "{{else}}");
    const nodes = this.#parseNodes(opener);
    const second = this.#reader.peek();
    if (this.#takeEnder() === "end") return nodes;
    throw this.#reader.error(second, "read {{else}}", `{{${kind}}} has another {{else}} before it`);
  }

  /** Takes `end` with its `}}`, or `else` alone: more may stand behind that. */
  #takeEnder(): Ender {
    const { text } = this.#reader.take();
    if (text === "end") this.#reader.expect("close", "{{end}}");
    return text === "end" ? "end" : "else";
  }

  #parseTemplate(token: Token): Node {
    const name = this.#parseName();
    const pipe = this.#reader.takeIf("close") ? undefined : this.#parsePipe("close", "template");
    return { kind: "template", at: token.at, name, pipe };
  }

  #parseBlock(token: Token): Node {
    const name = this.#parseName();
    const pipe = this.#parsePipe("close", "block");
    this.#define(token, name);
    return { kind: "template", at: token.at, name, pipe };
  }

  /** Parses the body of a definition, which has nothing of what stands around it. */
  #define(token: Token, name: string, takeHead?: () => void): void {
    takeHead?.();
    const outer = [this.#variables, this.#ranges, this.#depth] as const;
    [this.#variables, this.#ranges, this.#depth] = [["$"], 0, this.#depth + 1];
    if (this.#depth > MAX_NESTING) throw this.#tooDeep(token);
    const nodes = this.#parseNodes(token);
    const ender = this.#reader.peek();
    if (this.#takeEnder() === "else") throw this.#reader.error(ender, "read {{else}}", `it is in no {{if}}`);
    [this.#variables, this.#ranges, this.#depth] = outer;
    if (this.#defined.has(name)) {
      throw this.#reader.error(
        token,
        `define ${JSON.stringify(name)}`,
        "there is a template of that name already",
      );
    }
    this.#defined.set(name, nodes);
  }

  #parseName(): string {
    const token = this.#reader.take();
    if (token.kind === "quoted" || token.kind === "raw") return String(this.#readLiteral(token));
    throw this.#reader.unexpected(token, "the name of a template in quotes");
  }

  /** Parses a pipeline and the token that ends it. */
  #parsePipe(ender: "close" | ")", context: string): Pipe {
    const { at } = this.#reader.peek();
    if (++this.#pipes > MAX_NESTING) throw this.#tooDeep({ at });
    const { variables, isAssignment } = this.#parseVariables(context);
    const commands: Command[] = [];
    do {
      const command = this.#parseCommand(context);
      if (commands.length > 0 && ["dot", "nil", "literal"].includes(command.first.kind)) {
        throw this.#reader.error(
          command.first,
          `pass a value on to ${command.first.source}`,
          "it is no function",
        );
      }
      commands.push(command);
    } while (this.#reader.takeIf("sign", "|"));
    this.#pipes--;
    const source = this.#reader.sourceFrom(at);
    if (ender === "close") this.#reader.expect("close", "the action");
    else this.#reader.expect("sign", "the parentheses", ")");
    // Only now: what is declared is not known to its own value.
    if (!isAssignment) this.#variables.push(...variables);
    return { at, source, variables, isAssignment, commands };
  }

  /** Parses `$x :=`, `$x =` and, in a range, `$x, $y :=`; takes nothing where there is none. */
  #parseVariables(context: string): Pick<Pipe, "variables" | "isAssignment"> {
    const [first, sign] = [this.#reader.peek(), this.#reader.peek(1)];
    if (first.kind !== "variable" || sign.kind !== "sign" || ![":=", "=", ","].includes(sign.text)) {
      return { variables: [], isAssignment: false };
    }
    const names = [this.#reader.take()];
    if (this.#reader.takeIf("sign", ",")) {
      if (context !== "range") throw this.#reader.error(sign, 'read ","', "only {{range}} gives two values");
      names.push(this.#takeVariable());
    }
    const given = this.#reader.take();
    if (given.text !== ":=" && given.text !== "=") throw this.#reader.unexpected(given, ":= or =");
    const isAssignment = given.text === "=";
    if (isAssignment) { for (const name of names) this.#checkVariable(name); }
    return { variables: names.map(({ text }) => text), isAssignment };
  }

  /** Parses operands up to what can't be one; white space must stand between them. */
  #parseCommand(context: string): Command {
    const first = this.#maybeOperand();
    if (first === undefined) {
      const token = this.#reader.peek();
      if (token.kind === "close") throw this.#reader.error(token, `read the ${context}`, "it has no value");
      throw this.#reader.unexpected(token, "a value");
    }
    const rest: Operand[] = [];
    for (;;) {
      const token = this.#reader.peek();
      const operand = this.#maybeOperand();
      if (operand === undefined) return { first, rest };
      if (!token.isSpaced) {
        throw this.#reader.error(token, `read ${operand.source}`, "no blank stands before it");
      }
      rest.push(operand);
    }
  }

  #maybeOperand(): Operand | undefined {
    const token = this.#reader.peek();
    const term = this.#maybeTerm(token);
    if (term === undefined) return undefined;
    const names = this.#takeFields();
    const source = this.#reader.sourceFrom(token.at);
    if (names.length === 0) return { ...term, at: token.at, source };
    if (term.kind === "literal" || term.kind === "nil" || term.kind === "dot" || term.kind === "function") {
      const hint = term.kind === "function" ? `Write (${token.text}).${names.join(".")}` : undefined;
      throw this.#reader.error(token, `read ${source}`, `${token.text} has no fields`, hint);
    }
    return { ...term, at: token.at, source, names: [...term.names, ...names] };
  }

  #maybeTerm(token: Token): Term | undefined {
    switch (token.kind) {
      case "dot":
        this.#reader.take();
        return { kind: "dot" };
      case "field":
        this.#reader.take();
        return { kind: "fields", names: [token.text.slice(1)] };
      case "variable":
        this.#reader.take();
        this.#checkVariable(token);
        return { kind: "variable", variable: token.text, names: [] };
      case "identifier":
        this.#reader.take();
        return this.#parseWord(token);
      case "sign":
        if (token.text !== "(") return undefined;
        this.#reader.take();
        return { kind: "pipe", pipe: this.#parsePipe(")", "parentheses"), names: [] };
      case "number":
      case "character":
      case "quoted":
      case "raw":
        this.#reader.take();
        return { kind: "literal", value: this.#readLiteral(token) };
      default:
        return undefined;
    }
  }

  #parseWord(token: Token): Term {
    const { text } = token;
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
    if (text === "nil") return { kind: "nil" };
    if (this.#functions.includes(text)) return { kind: "function", name: text };
    if (text === "call") {
      throw this.#reader.error(token, "call a value", "myctr gives templates no functions as values");
    }
    if (KEYWORDS.some((keyword) => keyword === text)) throw this.#reader.unexpected(token, "a value");
    const hint = didYouMean(text, this.#functions, `Write .${text} for a field`);
    throw this.#reader.error(token, `use ${JSON.stringify(text)}`, "there is no function of that name", hint);
  }

  /** Takes the fields that stand here without white space before them. */
  #takeFields(): readonly string[] {
    const names: string[] = [];
    for (
      let token = this.#reader.peek();
      token.kind === "field" && !token.isSpaced;
      token = this.#reader.peek()
    ) {
      this.#reader.take();
      names.push(token.text.slice(1));
    }
    return names;
  }

  #takeVariable(): Token {
    const token = this.#reader.take();
    if (token.kind !== "variable") throw this.#reader.unexpected(token, "a second variable");
    return token;
  }

  #checkVariable(token: Token): void {
    if (this.#variables.includes(token.text)) return;
    const hint = didYouMean(token.text, this.#variables.slice(1), `Write {{${token.text} := …}} before it`);
    throw this.#reader.error(token, `use ${token.text}`, "there is no variable of that name here", hint);
  }

  /** Takes a keyword where one stands. */
  #keyword(): Keyword | undefined {
    const { kind, text } = this.#reader.peek();
    return kind === "identifier" ? KEYWORDS.find((keyword) => keyword === text) : undefined;
  }

  #readLiteral(token: Token): unknown {
    try {
      return readLiteral(token, this.#hasEscapes);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw this.#reader.error(token, `read ${token.text}`, error.message, error.hint);
    }
  }

  #tooDeep(place: { readonly at: number }): Error {
    return this.#reader.error(place, "go on", `more than ${MAX_NESTING} parts are in one another`);
  }
}
