/** Parses user and group ids strictly. Pure. */

/** 4294967295 is -1 to the kernel: "leave it as it is". */
export const ID_MAX = 4294967294;

/** Returns the id that decimal digits stand for, or undefined when they are none or beyond the range: no wrap. */
export function maybeId(text: string): number | undefined {
  if (!isDigits(text)) return undefined;
  const id = Number(text);
  return id <= ID_MAX ? id : undefined;
}

/** Whether `text` is an id in form; it may be beyond the range. */
export function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}
