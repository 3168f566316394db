/** What of other containers a new one joins: mostly nothing. Only where there is something is join_container.ts loaded. */

import type { IdMap } from "../host/host_facts.ts";
import { JOINABLE } from "../spec/choose_namespaces.ts";
import { JOINED_ANNOTATION } from "../spec/rejoin.ts";
import type { RunRequest } from "../spec/request.ts";
import type { Spec } from "../spec/types.ts";
import type { JoinedByKind } from "./join_container.ts";

/** The containers that are joined, and what must hold of them while the new one starts. */
export interface Joins {
  readonly byKind: JoinedByKind;
  /** Refuses to share users whose ids are not those that this container would have. @throws {CtrError} "unsupported" */
  refuseOtherMap(idMap: IdMap): void;
  /** Makes sure, once its namespaces have been opened, that they were its own. @throws {CtrError} "bad_state" */
  refuseEnded(): void;
  /** Says of a start that has failed whether it did since one of them has ended. @throws {CtrError} "bad_state" */
  refuseEnding(): void;
}

const NONE: Joins = { byKind: {}, refuseOtherMap() {}, refuseEnded() {}, refuseEnding() {} };

/** Finds what --network, --pid and --ipc=container:NAME ask for. @throws {CtrError} as findJoined() */
export async function joinsOf(request: RunRequest): Promise<Joins> {
  if (!JOINABLE.some((kind) => request[kind]?.startsWith("container:"))) return NONE;
  return (await import("./join_container.ts")).findJoined(request);
}

/** Finds what a container was made to join, for another start of it. @throws {CtrError} as findJoined() */
export async function joinsAgain(spec: Spec): Promise<Joins> {
  if (!JOINABLE.some((kind) => spec.annotations[JOINED_ANNOTATION[kind]] !== undefined)) return NONE;
  return (await import("./join_container.ts")).findJoinedAgain(spec);
}

/** Whether another container is joined at all. */
export function isAny({ byKind }: Joins): boolean {
  return JOINABLE.some((kind) => byKind[kind] !== undefined);
}

/** Whether the ids are mapped already, as they are in the user namespace of a container that is joined. */
export function isMapped(joins: Joins, idMap: IdMap): boolean {
  return isAny(joins) && idMap.kind !== "host";
}
