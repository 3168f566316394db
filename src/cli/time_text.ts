/** Renders times as docker's tables have them. Pure. */

/** The zone of this place at a time, in milliseconds since 1970. */
export type ZoneAt = (ms: number) => { readonly offsetSeconds: number; readonly name: string };

/** As Go writes a time of this place: `2026-11-25 23:05:44 +0000 UTC`. */
export function renderLocalTime(ms: number, zoneAt: ZoneAt): string {
  const { offsetSeconds, name } = zoneAt(ms);
  const local = new Date(ms + offsetSeconds * 1000).toISOString().slice(0, 19).replace("T", " ");
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const offset = `${offsetSeconds < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}${two(minutes % 60)}`;
  return `${local} ${offset} ${name}`;
}
