/** Renders times as docker's tables have them. Pure. */

/** The zone of this place at a time, in milliseconds since 1970. */
export type ZoneAt = (ms: number) => { readonly offsetSeconds: number; readonly name: string };

/** As Go writes a time of this place: `2026-11-25 23:05:44 +0000 UTC`. */
export function renderLocalTime(ms: number, zoneAt: ZoneAt): string {
  const { offsetSeconds, name } = zoneAt(ms);
  return `${localText(ms, offsetSeconds).replace("T", " ")} ${offsetText(offsetSeconds, "")} ${name}`;
}

/** As RFC 3339 writes a time of this place: `2026-11-25T23:05:44Z`. */
export function renderRfc3339(ms: number, zoneAt: ZoneAt): string {
  const { offsetSeconds } = zoneAt(ms);
  return `${localText(ms, offsetSeconds)}${offsetSeconds === 0 ? "Z" : offsetText(offsetSeconds, ":")}`;
}

function localText(ms: number, offsetSeconds: number): string {
  return new Date(ms + offsetSeconds * 1000).toISOString().slice(0, 19);
}

function offsetText(offsetSeconds: number, between: string): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${offsetSeconds < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}${between}${two(minutes % 60)}`;
}
