/** Which ids of this machine those of --uidmap and --gidmap are, and whether a container can have them. Pure. */

import { CtrError } from "../errors.ts";
import { ID_MAX } from "./parse_id.ts";
import type { IdMapRequest } from "./parse_id_map.ts";
import type { RunRequest } from "./request.ts";
import type { IdMapping } from "./types.ts";

/** Ids in a row that the caller may give away. */
export interface GrantedIds {
  /** The number of the first one, as the caller counts. */
  readonly first: number;
  /** And as the machine does. */
  readonly hostID: number;
  readonly count: number;
}

/** What root may give away: each id by its own number. */
export const ALL_IDS: readonly GrantedIds[] = [{ first: 0, hostID: 0, count: ID_MAX + 1 }];

/** The two kinds of ids, by the words of the tables that grant them. */
export type IdKind = "uid" | "gid";

/** So many lines the kernel takes, and so many bytes less one: user_namespaces(7). */
const LINES_MAX = 340;
const PAGE_SIZE = 4096;

/**
 * Chooses the maps of both kinds. Where only one was asked for, the other is the same.
 *
 * @throws {CtrError} code "usage"
 */
export function chooseIdMaps(
  { uidMaps = [], gidMaps = [] }: Pick<RunRequest, "uidMaps" | "gidMaps">,
  granted: Readonly<Record<IdKind, readonly GrantedIds[]>>,
): Readonly<Record<IdKind, readonly IdMapping[]>> {
  const uid = {
    flag: uidMaps.length > 0 ? "--uidmap" : "--gidmap",
    maps: uidMaps.length > 0 ? uidMaps : gidMaps,
  };
  const gid = {
    flag: gidMaps.length > 0 ? "--gidmap" : "--uidmap",
    maps: gidMaps.length > 0 ? gidMaps : uidMaps,
  };
  return {
    uid: chooseIdMap(uid, { kind: "uid", granted: granted.uid }),
    gid: chooseIdMap(gid, { kind: "gid", granted: granted.gid }),
  };
}

interface Asked {
  /** What was typed. */
  readonly flag: string;
  readonly maps: readonly IdMapRequest[];
}

interface Granted {
  readonly kind: IdKind;
  readonly granted: readonly GrantedIds[];
}

function chooseIdMap({ flag, maps }: Asked, granted: Granted): readonly IdMapping[] {
  const lines = maps.flatMap((map) => resolve(map, { flag, ...granted }));
  const fail = (problem: string, hint: string) =>
    new CtrError("usage", `Cannot use ${flag}: ${problem}`, { hint });
  const inside = firstTwice(lines, "containerID");
  if (inside !== undefined) {
    throw fail(`id ${inside} of the container is mapped twice`, "Map each id of the container once");
  }
  const outside = firstTwice(lines, "hostID");
  if (outside !== undefined) {
    throw fail(`id ${outside} of this machine is mapped twice`, "Give each id of this machine once");
  }
  if (!lines.some(({ containerID }) => containerID === 0)) {
    throw fail(
      "id 0 of the container is not mapped",
      `Add ${flag} 0:HOST: root of the container prepares it`,
    );
  }
  const size = lines.reduce((sum, line) => sum + Object.values(line).join(" ").length + 1, 0);
  if (lines.length > LINES_MAX || size >= PAGE_SIZE) {
    throw fail(
      `${lines.length} lines are more than the kernel takes`,
      `Write no more than ${LINES_MAX} lines, and ${PAGE_SIZE - 1} bytes`,
    );
  }
  return lines;
}

/** One part of a map can be several lines: ids that follow each other for the caller need not do so on the machine. */
function resolve(
  { text, container, host, size, isOfTheMachine }: IdMapRequest,
  { flag, kind, granted }: Granted & { readonly flag: string },
): readonly IdMapping[] {
  const lines = granted.flatMap(({ first, hostID, count }) => {
    const start = isOfTheMachine ? hostID : first;
    const from = Math.max(host, start);
    const to = Math.min(host + size, start + count);
    return from < to
      ? [{ containerID: container + from - host, hostID: hostID + from - start, size: to - from }]
      : [];
  });
  if (lines.reduce((sum, line) => sum + line.size, 0) === size) return lines;
  const what = kind === "uid" ? "user" : "group";
  throw new CtrError(
    "usage",
    `Cannot use ${flag} ${JSON.stringify(text)}: you may not give away all of these ${what} ids`,
    { hint: grantHint(granted, { kind, isOfTheMachine }) },
  );
}

function grantHint(
  granted: readonly GrantedIds[],
  { kind, isOfTheMachine }: { readonly kind: IdKind; readonly isOfTheMachine: boolean },
): string {
  const [own, range] = granted;
  const table = `/etc/sub${kind}`;
  if (range === undefined) {
    return `Yours is ${
      isOfTheMachine ? own!.hostID : "0"
    } alone: install uidmap and give yourself a line in ${table}`;
  }
  if (isOfTheMachine) {
    return `Yours are ${own!.hostID} and, by ${table}, ${range.hostID} to ${range.hostID + range.count - 1}`;
  }
  return `Yours are 0, you, and 1 to ${range.count}, those of your first line in ${table}; @HOST is a number of this machine`;
}

/** Finds an id that is in two lines. */
function firstTwice(lines: readonly IdMapping[], side: "containerID" | "hostID"): number | undefined {
  const sorted = lines.toSorted((a, b) => a[side] - b[side]);
  return sorted.find((line, index) =>
    index > 0 && line[side] < sorted[index - 1]![side] + sorted[index - 1]!.size
  )?.[side];
}
