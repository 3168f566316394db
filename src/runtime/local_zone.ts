/** The zone that times are told in. */

import { localZone as zoneOfSeconds, type Zone } from "../../ffi/local_time.ts";

/** Gives the zone of this place at a time, in milliseconds since 1970. */
export function localZone(ms: number): Zone {
  return zoneOfSeconds(ms / 1000);
}
