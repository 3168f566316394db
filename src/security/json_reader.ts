/** Reads JSON strictly: a wrong kind of value, or a key that is not known, is an error that says where it stands. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "../spec/nearest.ts";

/** A JSON object whose keys have been checked; `null` counts as absent, as in Go's decoder. */
export type Fields = Readonly<Record<string, unknown>>;

/** What V8 tells a reviver besides key and value. Source: ECMA-262, JSON.parse source text access. */
interface ReviverContext {
  readonly source?: string;
}

type Reviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown;

/** Whole numbers that a double can not hold become a bigint; a mask such as 0xffffffffffffffff is one. */
function keepWhole(_key: string, value: unknown, { source }: ReviverContext): unknown {
  const isLarge = typeof value === "number" && !Number.isSafeInteger(value);
  return isLarge && source !== undefined && /^\d+$/.test(source) ? BigInt(source) : value;
}

/** Reads one file; its name stands in the errors. */
export class JsonReader {
  /** What is read, as it stands in messages after "Cannot use": `seccomp profile "a.json"`. */
  readonly subject: string;

  constructor(subject: string) {
    this.subject = subject;
  }

  /**
   * Parses a text.
   *
   * @throws {CtrError} code "usage" if it is no JSON
   */
  parse(text: string): unknown {
    try {
      return JSON.parse(text, keepWhole as Reviver as (key: string, value: unknown) => unknown);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new CtrError("usage", `Cannot read ${this.subject}: ${error.message.replace(/\.$/, "")}`, {
        hint: "Write it as JSON, without comments and without commas at the end of lists",
      });
    }
  }

  /** Refuses what was read: `state` says what stands at `path`. */
  refuse(path: string, state: string, hint: string): never {
    throw new CtrError("usage", `Cannot use ${this.subject}: ${path} ${state}`, { hint });
  }

  /** Reads an object that has none but these keys. */
  object(value: unknown, path: string, keys: readonly string[]): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#refuseKind(value, path, "an object");
    }
    const fields = Object.entries(value).filter(([, each]) => each !== null);
    for (const key of Object.keys(value)) {
      if (keys.includes(key)) continue;
      this.refuse(
        path,
        `has the unknown key ${JSON.stringify(key)}`,
        didYouMean(key, keys, `Use ${keys.join(", ")}`),
      );
    }
    return Object.fromEntries(fields);
  }

  /** Reads a list; an absent one is empty. */
  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#refuseKind(value, path, "a list");
  }

  /** Reads a text that is not empty. */
  text(value: unknown, path: string): string {
    if (typeof value !== "string") this.#refuseKind(value, path, "a text");
    return value === "" ? this.refuse(path, "is empty", "Fill it in, or leave it out") : value;
  }

  /** Reads a text that is one of some words. */
  word<Word extends string>(value: unknown, path: string, words: readonly Word[]): Word {
    const text = this.text(value, path);
    const word = words.find((each) => each === text);
    return word ?? this.refuse(
      path,
      `is ${JSON.stringify(text)}`,
      didYouMean(text, words, `Use ${words.join(", ")}`),
    );
  }

  /** Reads a list of words. */
  words<Word extends string>(value: unknown, path: string, words: readonly Word[]): readonly Word[] {
    return this.list(value, path).map((each, index) => this.word(each, `${path}[${index}]`, words));
  }

  /** Reads a whole number from 0 to `most`. */
  whole(value: unknown, path: string, most: bigint): bigint {
    const isWhole = typeof value === "bigint" || typeof value === "number" && Number.isSafeInteger(value);
    if (!isWhole) this.#refuseKind(value, path, "a whole number");
    const number = BigInt(value as number | bigint);
    if (number >= 0n && number <= most) return number;
    return this.refuse(path, `is ${number}`, `Use a number from 0 to ${most}`);
  }

  #refuseKind(value: unknown, path: string, kind: string): never {
    if (value === undefined) this.refuse(path, "is missing", `Give it as ${kind}`);
    const found = typeof value === "bigint" ? String(value) : JSON.stringify(value);
    const shown = found.length > 40 ? `${found.slice(0, 40)}…` : found;
    this.refuse(path, `is ${shown}`, `Give it as ${kind}`);
  }
}
