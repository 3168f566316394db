/** Cuts a template into texts and the words inside `{{ }}`. Pure. */

import { templateError } from "./template_error.ts";

/** What a token is; words that mean something by themselves are identifiers too: the parser knows them. */
export type TokenKind =
  /** What stands outside of actions. */
  | "text"
  | "open"
  | "close"
  /** `.` alone. */
  | "dot"
  /** `.Name` */
  | "field"
  /** `$` or `$name` */
  | "variable"
  | "identifier"
  | "number"
  /** `'a'`, a number too. */
  | "character"
  | "quoted"
  | "raw"
  /** One of `( ) | , := =` */
  | "sign"
  | "end";

/** A piece of the template. */
export interface Token {
  readonly kind: TokenKind;
  /** As it stands there; of a text what is left of it after trimming. */
  readonly text: string;
  readonly at: number;
  /** Whether white space stands before it. */
  readonly isSpaced: boolean;
}

/** How a template is read. */
export interface LexOptions {
  /** Whether `\t` and `\n`, outside of actions and in back quotes, are tab and newline, as in docker's lists. */
  readonly hasEscapes: boolean;
}

const SPACE = /[ \t\r\n]/;

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["number", /[+-]?(?:\.[0-9]|[0-9])(?:[eEpP][+-]|[\p{L}\p{Nd}_.])*/uy],
  ["field", /\.[\p{L}\p{Nd}_]+/uy],
  ["dot", /\./y],
  ["variable", /\$[\p{L}\p{Nd}_]*/uy],
  ["identifier", /[\p{L}\p{Nd}_]+/uy],
  ["quoted", /"(?:\\[^\n]|[^"\\\n])*"/uy],
  ["raw", /`[^`]*`/y],
  ["character", /'(?:\\[^\n]|[^'\\\n])*'/uy],
  ["sign", /:=|[()|,=]/y],
];

/** Kinds that something must end: `.a-b` and `$x+1` are mistakes, not two tokens. */
const NEEDS_END: readonly TokenKind[] = ["field", "variable", "identifier", "number"];
const ENDS = /[ \t\r\n.,|:()=]|\}\}|$/y;

/**
 * Cuts the template into tokens; the last is `end`.
 *
 * @throws {CtrError} code "usage" for an action, a comment or a text in quotes that does not end, and for signs that
 * mean nothing
 */
export function lex(template: string, { hasEscapes }: LexOptions): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isTrimmed = false;
  for (;;) {
    const found = template.indexOf("{{", at);
    const open = found < 0 ? template.length : found;
    const trimsBefore = /^\{\{-[ \t\r\n]/.test(template.slice(open, open + 4));
    let text = template.slice(at, open);
    if (hasEscapes) text = readEscapes(text);
    if (isTrimmed) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimsBefore) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") tokens.push({ kind: "text", text, at, isSpaced: false });
    if (found < 0) return [...tokens, { kind: "end", text: "", at: template.length, isSpaced: false }];
    const action = lexAction(template, open, open + (trimsBefore ? 3 : 2));
    tokens.push(...action.tokens);
    ({ at, isTrimmed } = action);
  }
}

/** Makes tabs and newlines of the two signs that docker knows. */
export function readEscapes(text: string): string {
  return text.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

/** What one action gave, and where the text goes on. */
interface LexedAction {
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly isTrimmed: boolean;
}

function lexAction(template: string, open: number, start: number): LexedAction {
  const comment = lexComment(template, open, start);
  if (comment !== undefined) return comment;
  const tokens: Token[] = [{ kind: "open", text: "{{", at: open, isSpaced: false }];
  for (let at = start;;) {
    const before = at;
    while (SPACE.test(template.charAt(at))) at++;
    const isSpaced = at > before;
    const isTrimmed = isSpaced && template.startsWith("-}}", at);
    const close = isTrimmed ? at + 1 : at;
    if (template.startsWith("}}", close)) {
      tokens.push({ kind: "close", text: "}}", at: close, isSpaced });
      return { tokens, at: close + 2, isTrimmed };
    }
    if (at >= template.length) throw unclosed(template, open);
    const token = lexToken(template, at, isSpaced);
    tokens.push(token);
    at += token.text.length;
  }
}

function unclosed(template: string, open: number): Error {
  return templateError(template, open, "read the action", "nothing closes it", "Write }} at its end");
}

/** A comment is no token: it and what it trims are nothing. */
function lexComment(template: string, open: number, start: number): LexedAction | undefined {
  let at = start;
  // Only a trim marker may stand between, and the blank that belongs to it.
  if (start > open + 2) { while (SPACE.test(template.charAt(at))) at++; }
  if (!template.startsWith("/*", at)) return undefined;
  const end = template.indexOf("*/", at + 2);
  const fail = (why: string) =>
    templateError(template, open, "read the comment", why, "Write {{/* text */}}");
  if (end < 0) throw fail("nothing closes it");
  const marker = /^(?:[ \t\r\n]+-)?\}\}/.exec(template.slice(end + 2))?.[0];
  if (marker === undefined) throw fail("it is not all of the action");
  return { tokens: [], at: end + 2 + marker.length, isTrimmed: marker.length > 2 };
}

function lexToken(template: string, at: number, isSpaced: boolean): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(template)?.[0];
    if (text === undefined) continue;
    ENDS.lastIndex = at + text.length;
    if (NEEDS_END.includes(kind) && !ENDS.test(template)) throw badEnd(template, at, text, kind);
    return { kind, text, at, isSpaced };
  }
  const sign = String.fromCodePoint(template.codePointAt(at) ?? 0);
  if (sign === '"' || sign === "`" || sign === "'") {
    throw templateError(
      template,
      at,
      "read the text in quotes",
      "nothing closes it",
      `Write ${sign} at its end`,
    );
  }
  throw templateError(template, at, `read ${JSON.stringify(sign)}`, "it means nothing inside {{ }}");
}

function badEnd(template: string, at: number, text: string, kind: TokenKind): Error {
  const next = String.fromCodePoint(template.codePointAt(at + text.length) ?? 0);
  return templateError(
    template,
    at,
    `read ${text}`,
    `${JSON.stringify(next)} cannot stand behind it`,
    hint(),
  );

  function hint(): string {
    if (next === "}") return "Write }} at the end of the action";
    if (template.startsWith("-}}", at + text.length)) return "Write a blank before -}}";
    if (kind === "field") return `Write index for a name with other signs: {{index . "a-b"}}`;
    return "Write a blank between the two";
  }
}
