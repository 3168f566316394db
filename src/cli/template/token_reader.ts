/** Goes through the tokens of a template, and makes errors of them. Pure. */

import type { Token, TokenKind } from "./lex.ts";
import { templateError } from "./template_error.ts";

/** A place in a list of tokens. */
export class TokenReader {
  readonly #template: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** The last of the tokens is "end". */
  constructor(template: string, tokens: readonly Token[]) {
    this.#template = template;
    this.#tokens = tokens;
  }

  /** The next token, or one behind it; it stays. */
  peek(ahead = 0): Token {
    // Nothing goes on behind the last one.
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** Takes the next token if it is such a one. */
  takeIf(kind: TokenKind, text?: string): boolean {
    const token = this.peek();
    const isThere = token.kind === kind && (text === undefined || token.text === text);
    if (isThere) this.#next++;
    return isThere;
  }

  /** Takes the token that must end `what`. */
  expect(kind: "close" | "sign", what: string, text = "}}"): void {
    const token = this.peek();
    if (this.takeIf(kind, text)) return;
    throw this.error(token, `read ${token.text}`, `${text} must end ${what} here`);
  }

  /** The template from `at` up to the token taken last. */
  sourceFrom(at: number): string {
    const last = this.#tokens[this.#next - 1];
    return last === undefined ? "" : this.#template.slice(at, last.at + last.text.length);
  }

  /** The error for a token where something else, `wanted`, must stand. */
  unexpected(token: Token, wanted: string): Error {
    return this.error(token, `read ${token.text}`, `${wanted} must stand here`);
  }

  /** As `templateError`. */
  error({ at }: { readonly at: number }, what: string, why: string, hint?: string): Error {
    return templateError(this.#template, at, what, why, hint);
  }
}
