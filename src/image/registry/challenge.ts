/** What a registry asks for before it answers. Pure. Source: RFC 9110, 11.6.1; the distribution project's "Token Authentication". */

/** One way to say who asks. */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in small letters. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = /^[\s,]*([A-Za-z][\w-]*)(?=\s|,|$)/;
const PARAMETER = /^[\s,]*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;

/** Parses the value of a header `WWW-Authenticate`; what makes no sense ends it. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header;
  while (true) {
    const [start, scheme] = SCHEME.exec(rest) ?? [];
    if (start === undefined || scheme === undefined) return challenges;
    rest = rest.slice(start.length);
    const parameters = new Map<string, string>();
    for (let found = PARAMETER.exec(rest); found !== null; found = PARAMETER.exec(rest)) {
      const [all, name, quoted, plain = ""] = found;
      parameters.set(name!.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain);
      rest = rest.slice(all.length);
    }
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
  }
}

/** Chooses the one to answer: a token can be limited to what is asked for, a password can't. */
export function chooseChallenge(header: string): Challenge | undefined {
  const all = parseChallenges(header);
  return all.find(({ scheme }) => scheme === "bearer") ?? all.find(({ scheme }) => scheme === "basic");
}
