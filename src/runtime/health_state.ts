/** The file `health.json` of a container: how it is, by its checks. */

import { type Health, NEW_HEALTH } from "../spec/healthcheck.ts";
import { containerDirectory } from "./container_state.ts";

/** The name of the file in the container's directory. */
export const HEALTH_FILE = "health.json";

/** Reads it; as of one that was just started where it is not there. */
export function readHealth(id: string): Health {
  try {
    return JSON.parse(Deno.readTextFileSync(`${containerDirectory(id)}/${HEALTH_FILE}`));
  } catch {
    return NEW_HEALTH;
  }
}

/** Writes it whole or not at all; who waits for it watches for the rename. */
export function writeHealth(id: string, health: Health): void {
  const path = `${containerDirectory(id)}/${HEALTH_FILE}`;
  Deno.writeTextFileSync(`${path}.new`, JSON.stringify(health), { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
}
