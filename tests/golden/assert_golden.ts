/** Compares a text with its golden file, and says where they part. */

import { AssertionError } from "node:assert/strict";

/** Lines around the first that differs. */
const CONTEXT = 3;

/** Fails unless the file holds exactly that text; with GOLDEN=update the file is rewritten first. */
export function assertGolden(file: URL, text: string): void {
  if (Deno.env.get("GOLDEN") === "update") Deno.writeTextFileSync(file, text);
  const golden = readGolden(file);
  if (golden === text) return;
  const name = file.pathname.slice(file.pathname.lastIndexOf("/") + 1);
  const message = [
    `${name} is not what comes out now:`,
    ...describeDifference(golden, text),
    "If this change is wanted: deno task golden, and review the difference",
  ].join("\n");
  throw new AssertionError({ message });
}

function readGolden(file: URL): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Describes the first place where two texts part: what was, what is, and a few lines before. */
export function describeDifference(was: string, is: string): string[] {
  const [old, now] = [was.split("\n"), is.split("\n")];
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first++;
  let last = 0;
  const shorter = Math.min(old.length, now.length) - first;
  while (last < shorter && old.at(-1 - last) === now.at(-1 - last)) last++;
  const changed = (lines: readonly string[]) => lines.slice(first, Math.max(first, lines.length - last));
  return [
    `line ${first + 1}:`,
    ...old.slice(Math.max(0, first - CONTEXT), first).map((line) => `  ${line}`),
    ...shorten(changed(old)).map((line) => `- ${line}`),
    ...shorten(changed(now)).map((line) => `+ ${line}`),
  ];
}

function shorten(lines: readonly string[]): readonly string[] {
  const most = 4 * CONTEXT;
  return lines.length <= most ? lines : [...lines.slice(0, most), `… ${lines.length - most} lines more`];
}
