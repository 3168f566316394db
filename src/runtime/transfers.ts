/** Shows on standard error how far transfers are: bars on a terminal, and a line for each that has ended elsewhere. */

import { renderSize } from "../spec/render_size.ts";

const encoder = new TextEncoder();
/** Milliseconds between two pictures. */
const PAUSE_MS = 100;
const BAR_WIDTH = 30;
const NAME_WIDTH = 12;

/** One transfer. */
export interface Transfer {
  /** Tells how many bytes are through. */
  readonly advance: (bytes: number) => void;
  /** Says what it does now, such as "Unpacking". */
  readonly note: (word: string) => void;
  /** Says how it ended, such as "Pull complete". */
  readonly end: (word: string) => void;
}

interface Row {
  readonly name: string;
  readonly total: number;
  done: number;
  word: string;
  hasEnded: boolean;
}

/** How it is shown. */
export interface TransferView {
  readonly isQuiet: boolean;
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly now: () => number;
  /** Columns of the terminal. */
  readonly width: number;
}

/** The view on standard error. */
export function standardView(isQuiet: boolean): TransferView {
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isQuiet,
    isTerminal,
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    now: () => performance.now(),
    width: isTerminal ? consoleWidth() : 0,
  };
}

function consoleWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/** Several transfers at once. */
export class Transfers {
  readonly #view: TransferView;
  readonly #rows: Row[] = [];
  #drawn = 0;
  #lastMs = -Infinity;

  constructor(view: TransferView) {
    this.#view = view;
  }

  /** Says something in a line of its own. */
  say(text: string): void {
    if (this.#view.isQuiet) return;
    this.#erase();
    this.#view.write(`${text}\n`);
    this.#draw();
  }

  /** Begins a transfer; names are digests, of which the beginning is shown. */
  begin(digest: string, total: number, word: string): Transfer {
    const name = digest.slice(digest.indexOf(":") + 1).slice(0, NAME_WIDTH);
    const row: Row = { name, total, done: 0, word, hasEnded: false };
    this.#rows.push(row);
    this.#draw();
    return {
      advance: (bytes) => {
        row.done = bytes;
        this.#drawNowAndThen();
      },
      note: (next) => {
        row.word = next;
        this.#draw();
      },
      end: (last) => {
        row.word = last;
        row.hasEnded = true;
        if (this.#view.isTerminal) this.#draw();
        else if (!this.#view.isQuiet) this.#view.write(`${row.name}: ${last}\n`);
      },
    };
  }

  /** Leaves what is drawn. */
  finish(): void {
    this.#draw();
    this.#drawn = 0;
    this.#rows.length = 0;
  }

  #drawNowAndThen(): void {
    if (this.#view.now() - this.#lastMs >= PAUSE_MS) this.#draw();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#view.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    const { isQuiet, isTerminal, write, now, width } = this.#view;
    if (isQuiet || !isTerminal) return;
    this.#lastMs = now();
    this.#erase();
    const lines = this.#rows.map((row) => `${renderRow(row).slice(0, Math.max(width - 1, NAME_WIDTH))}\n`);
    write(lines.join(""));
    this.#drawn = lines.length;
  }
}

/** Pure. */
function renderRow({ name, total, done, word, hasEnded }: Row): string {
  if (hasEnded || total === 0) return `${name}: ${word}`;
  const filled = Math.round(BAR_WIDTH * Math.min(1, done / total));
  const bar = `[${"=".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
  return `${name}: ${word.padEnd(12)} ${bar} ${renderSize(done)} of ${renderSize(total)}`;
}
