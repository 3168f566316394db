/** Parses `--uidmap CONTAINER:HOST[:SIZE]` and `--gidmap`. Pure. */

import { CtrError } from "../errors.ts";
import { ID_MAX, isDigits } from "./parse_id.ts";

/** Ids in a row, as they were asked for. */
export interface IdMapRequest {
  /** As typed. */
  readonly text: string;
  /** The first one in the container. */
  readonly container: number;
  /** The first one outside: counted as {@link isOfTheMachine} says. */
  readonly host: number;
  readonly size: number;
  /** `@HOST`: by the machine's numbers; else, for an ordinary user, by the ids that were granted to it. */
  readonly isOfTheMachine: boolean;
}

/** Parses the value of --uidmap. @throws {CtrError} code "usage", or "unsupported" for podman's flags in front */
export function parseUidMap(text: string): IdMapRequest {
  return parseIdMap(text, "--uidmap");
}

/** Parses the value of --gidmap. @throws {CtrError} code "usage", or "unsupported" for podman's flags in front */
export function parseGidMap(text: string): IdMapRequest {
  return parseIdMap(text, "--gidmap");
}

function parseIdMap(text: string, flag: string): IdMapRequest {
  const typed = `${flag} ${JSON.stringify(text)}`;
  const fail = (problem: string) =>
    new CtrError("usage", `Cannot use ${typed}: ${problem}`, {
      hint: 'Write CONTAINER:HOST:SIZE, as in "0:100000:1000"',
    });
  if (/^[+ug]+[0-9]/.test(text)) {
    throw new CtrError("unsupported", `Cannot use ${typed}: what is added to a map is not there yet`, {
      hint: `Begin with a number, and give ${flag} once for each part of the map`,
    });
  }
  const parts = text.split(":");
  if (parts.length < 2 || parts.length > 3) throw fail("it has neither two numbers nor three");
  const isOfTheMachine = parts[1]!.startsWith("@");
  const digits = [parts[0]!, parts[1]!.slice(isOfTheMachine ? 1 : 0), parts[2] ?? "1"];
  if (!digits.every(isDigits)) throw fail("an id or the size is no number");
  const [container, host, size] = digits.map(Number) as [number, number, number];
  if (size === 0) throw fail("it maps no id");
  const last = Math.max(container, host) + size - 1;
  if (last > ID_MAX) throw fail(`id ${last} is beyond ${ID_MAX}`);
  return { text, container, host, size, isOfTheMachine };
}
