/** The file `health.json` of a container: how it is, by its checks. */

import { type Health, NEW_HEALTH } from "../spec/healthcheck.ts";
import { containerDirectory, writeWhole } from "./container_state.ts";

function pathOf(id: string): string {
  return `${containerDirectory(id)}/health.json`;
}

/** Reads it; as of one that was just started where it is not there. */
export function readHealth(id: string): Health {
  try {
    return JSON.parse(Deno.readTextFileSync(pathOf(id)));
  } catch {
    return NEW_HEALTH;
  }
}

/** Writes it whole or not at all; who waits for it watches for the rename. */
export function writeHealth(id: string, health: Health): void {
  writeWhole(pathOf(id), health);
}
