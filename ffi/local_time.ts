/** The zone of this place, by the C library, which knows its short names. */

import { tm } from "./layout/structs.ts";
import { libc } from "./libc.ts";

/** A zone at some time. */
export interface Zone {
  /** East of Greenwich. */
  readonly offsetSeconds: number;
  /** Such as `CET`. */
  readonly name: string;
}

/** Gives the zone of this place, by TZ or /etc/localtime, at a time in seconds since 1970. @see localtime_r(3) */
export function localZone(seconds: number): Zone {
  const bytes = new Uint8Array(tm.size);
  if (libc.localtime_r(new BigInt64Array([BigInt(Math.floor(seconds))]), bytes) === null) return UTC;
  const { tm_gmtoff, tm_zone } = tm.decode(bytes);
  const name = Deno.UnsafePointer.create(tm_zone);
  if (name === null) return UTC;
  // SAFETY: the C library keeps the names of zones for good.
  return { offsetSeconds: Number(tm_gmtoff), name: Deno.UnsafePointerView.getCString(name) };
}

const UTC: Zone = { offsetSeconds: 0, name: "UTC" };
