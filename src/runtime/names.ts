/** Container names: one file for each, so that the file system itself keeps them unique. */

import { awaitLock } from "../../ffi/descriptor.ts";
import { openPath, readPathStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { CtrError } from "../errors.ts";
import { containerDirectory, readAnyState } from "./container_state.ts";
import { stateRoot } from "./state_root.ts";

const ADJECTIVES = [
  "able",
  "agile",
  "alert",
  "ample",
  "bold",
  "brave",
  "brief",
  "bright",
  "calm",
  "candid",
  "careful",
  "clear",
  "clever",
  "cool",
  "crisp",
  "curious",
  "daring",
  "deft",
  "eager",
  "early",
  "easy",
  "exact",
  "fair",
  "fast",
  "fine",
  "firm",
  "fleet",
  "fond",
  "frank",
  "free",
  "fresh",
  "gentle",
  "glad",
  "grand",
  "happy",
  "honest",
  "humble",
  "jolly",
  "keen",
  "kind",
  "light",
  "lively",
  "lucid",
  "lucky",
  "merry",
  "mild",
  "modest",
  "neat",
  "nimble",
  "noble",
  "patient",
  "plain",
  "polite",
  "proud",
  "quick",
  "quiet",
  "ready",
  "sharp",
  "silent",
  "simple",
  "sober",
  "solid",
  "steady",
  "sunny",
  "swift",
  "tidy",
  "vivid",
  "warm",
  "wise",
  "witty",
] as const;

/** People to whom programs owe something. */
const SURNAMES = [
  "allen",
  "babbage",
  "backus",
  "bartik",
  "bernstein",
  "boole",
  "borg",
  "brooks",
  "cerf",
  "church",
  "clarke",
  "codd",
  "conway",
  "curry",
  "dahl",
  "dijkstra",
  "engelbart",
  "floyd",
  "goldberg",
  "gosling",
  "hamilton",
  "hamming",
  "hoare",
  "holberton",
  "hopper",
  "jennings",
  "johnson",
  "karp",
  "kay",
  "kernighan",
  "kleene",
  "knuth",
  "lamport",
  "liskov",
  "lovelace",
  "mccarthy",
  "mcilroy",
  "meltzer",
  "milner",
  "minsky",
  "moore",
  "naur",
  "noether",
  "nygaard",
  "perlis",
  "perlman",
  "pike",
  "postel",
  "ritchie",
  "sammet",
  "shannon",
  "shaw",
  "snyder",
  "spence",
  "steele",
  "stallman",
  "tarjan",
  "thompson",
  "torvalds",
  "turing",
  "wilkes",
  "wilkinson",
  "wirth",
  "zuse",
] as const;

/** A name need not be secret, only seldom taken. */
function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)]!;
}

function namesDirectory(): string {
  return `${stateRoot()}/names`;
}

/** Finds the id that has a name; a name whose container is gone counts as free. */
export function maybeIdOfName(name: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${namesDirectory()}/${name}`).trim();
  } catch {
    return undefined;
  }
}

/**
 * Takes a name for a container, or makes one up.
 *
 * @throws {CtrError} code "conflict" where another container has the name
 */
export function takeName(id: string, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (tryTake(wanted, id)) return wanted;
    throw new CtrError("conflict", `Cannot use the name "${wanted}": a container has it already`, {
      hint: `Choose another name, or run "myctr rm ${wanted}" first`,
    });
  }
  for (let attempt = 0; attempt < 6; attempt++) {
    const name = `${pick(ADJECTIVES)}_${pick(SURNAMES)}${attempt === 0 ? "" : attempt}`;
    if (tryTake(name, id)) return name;
  }
  const short = id.slice(0, 12);
  tryTake(short, id);
  return short;
}

function tryTake(name: string, id: string): boolean {
  const path = `${namesDirectory()}/${name}`;
  if (tryWrite(path, id)) return true;
  using _lock = lockNames();
  // One's own is what a rename left that was killed: taken anew, it counts as fresh.
  if (isStale(name) || maybeIdOfName(name) === id) Deno.removeSync(path);
  return tryWrite(path, id);
}

function tryWrite(path: string, id: string): boolean {
  try {
    Deno.writeTextFileSync(path, id, { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Keeps others from giving names back until it is disposed of: what was looked at must be what is removed. */
function lockNames(): Disposable | undefined {
  const opened = openPath(namesDirectory(), { flags: O.O_RDONLY | O.O_DIRECTORY });
  if (!opened.ok) return undefined;
  awaitLock(opened.value.number, "exclusive");
  return opened.value;
}

/** A name is taken before its container is there: only one that is old enough can be a leftover. */
const SETTLED_MS = 10_000;

/** Whether its container is gone, or has another name: whoever was to give it back was killed. */
function isStale(name: string): boolean {
  const holder = maybeIdOfName(name);
  if (holder === undefined || !isSettled(`${namesDirectory()}/${name}`)) return false;
  if (holder === "") return true;
  if (!readPathStatus(containerDirectory(holder)).ok) return true;
  const { name: own = name } = readAnyState(holder);
  return own !== name;
}

/** Whether a file is too old to be the work of a command that is not done yet; false where it is gone. */
export function isSettled(path: string): boolean {
  try {
    return Date.now() - (Deno.lstatSync(path).mtime?.getTime() ?? 0) > SETTLED_MS;
  } catch {
    return false;
  }
}

function takenNames(): string[] {
  try {
    return Array.from(Deno.readDirSync(namesDirectory()), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Gives back every name that a container has. */
export function dropNamesOf(id: string): void {
  for (const name of takenNames()) dropName(name, id);
}

/** Gives back the names whose containers are gone, or never came to be, or have another one; those of `known` are not looked at. */
export function dropStaleNames(known: ReadonlySet<string>): void {
  for (const name of takenNames()) {
    if (known.has(name)) continue;
    if (isStale(name)) dropWhere(name, () => isStale(name));
  }
}

/** Gives a name back, if that container has it. */
export function dropName(name: string, id: string): void {
  dropWhere(name, () => maybeIdOfName(name) === id);
}

function dropWhere(name: string, isWanted: () => boolean): void {
  using _lock = lockNames();
  if (isWanted()) Deno.removeSync(`${namesDirectory()}/${name}`);
}
