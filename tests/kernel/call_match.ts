/** Compares a call of a plan with the same call as strace saw it. Pure. */

/** A call in its parts. */
export interface CallParts {
  readonly name: string;
  readonly args: readonly string[];
}

/** Splits `name(a, {b=1, c=[2]}, "d, e")` into its name and arguments. */
export function splitCall(text: string): CallParts {
  const open = text.indexOf("(");
  return { name: text.slice(0, open), args: splitList(text.slice(open + 1, text.lastIndexOf(")"))) };
}

/** Splits at the commas that stand in no bracket and in no text. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') at = endOfText(text, at);
    else if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" && parts.length === 0 ? [] : [...parts, last];
}

/** The index of the quote that closes the text opened at `at`. */
function endOfText(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

/** Says where a traced call differs from a planned one; undefined where it doesn't. */
export function difference(planned: string, traced: string): string | undefined {
  const ours = splitCall(planned);
  const theirs = splitCall(traced);
  const isSame = ours.name === theirs.name && ours.args.length === theirs.args.length &&
    ours.args.every((argument, index) => matches(argument, theirs.args[index]!));
  return isSame ? undefined : `planned ${planned}\n   traced ${traced}`;
}

/** Words in braces stand for what only the running program knows. */
const UNKNOWN = /\{[^{}=,]*\}/;

function matches(ours: string, theirs: string): boolean {
  if (ours === theirs || new RegExp(`^${UNKNOWN.source}$`).test(ours)) return true;
  if (ours.startsWith('"')) return matchesText(ours, theirs);
  const bracket = /^(\[|\{)(.*)(\]|\})$/s;
  const [, open, inner] = bracket.exec(ours) ?? [];
  const [, theirOpen, theirInner] = bracket.exec(theirs) ?? [];
  if (inner !== undefined && theirInner !== undefined && open === theirOpen) {
    const [parts, theirParts] = [splitList(inner), splitList(theirInner)];
    return parts.length === theirParts.length && parts.every((part, at) => matches(part, theirParts[at]!));
  }
  // A record of two 64-bit words, which strace shows as bytes.
  if (open === "{" && theirs.startsWith('"')) return matchesRecord(inner!, theirs);
  return matchesWord(ours, theirs);
}

function matchesWord(ours: string, theirs: string): boolean {
  const [, key, value] = /^(\w+)=(.*)$/s.exec(ours) ?? [];
  const [, theirKey, theirValue] = /^(\w+)=(.*)$/s.exec(theirs) ?? [];
  if (key !== undefined && theirKey !== undefined) return key === theirKey && matches(value!, theirValue!);
  const flags = ours.split("|");
  const theirFlags = new Set(theirs.split("|"));
  return flags.length === theirFlags.size && flags.every((flag) => theirFlags.has(flag));
}

function matchesText(ours: string, theirs: string): boolean {
  const pattern = ours.split(new RegExp(UNKNOWN, "g")).map((text) => RegExp.escape(text)).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(theirs);
}

function matchesRecord(inner: string, theirs: string): boolean {
  const bytes = readBytes(theirs);
  if (bytes.length !== 16) return false;
  const view = new DataView(bytes.buffer);
  return splitList(inner).every((part, index) =>
    part.startsWith("{") || Number(part) === Number(view.getBigInt64(8 * index, true))
  );
}

const ESCAPED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, "\\": 92 };

/** The bytes of a text as strace quotes them. */
function readBytes(quoted: string): Uint8Array<ArrayBuffer> {
  const units = quoted.slice(1, -1).match(/\\[0-7]{1,3}|\\.|[^\\]/gs) ?? [];
  return Uint8Array.from(units, (unit) => {
    if (!unit.startsWith("\\")) return unit.charCodeAt(0);
    return ESCAPED[unit[1]!] ?? parseInt(unit.slice(1), 8);
  });
}
