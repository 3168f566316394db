/** Parses the flags that choose one of a few words: --network, --userns. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "../spec/nearest.ts";

interface Choice<Word extends string> {
  readonly flag: string;
  readonly words: readonly Word[];
  /** Words of docker and podman that myctr does not have yet. */
  readonly later: RegExp;
}

/** What --network takes. */
export const NETWORK_MODES = ["none", "host"] as const;

/** What --userns takes. */
export const USERNS_MODES = ["private", "host"] as const;

const NETWORK: Choice<(typeof NETWORK_MODES)[number]> = {
  flag: "--network",
  words: NETWORK_MODES,
  later: /^(bridge|default|private|slirp4netns|pasta|container:.*|ns:.*)$/,
};

const USERNS: Choice<(typeof USERNS_MODES)[number]> = {
  flag: "--userns",
  words: USERNS_MODES,
  later: /^(auto|keep-id|nomap|container:.*|ns:.*)(:.*)?$/,
};

/**
 * Parses --network.
 *
 * @throws {CtrError} code "usage", or "unsupported" for docker's other networks
 */
export function parseNetwork(text: string): "none" | "host" {
  return parseChoice(text, NETWORK);
}

/**
 * Parses --userns.
 *
 * @throws {CtrError} code "usage", or "unsupported" for podman's other modes
 */
export function parseUserns(text: string): "private" | "host" {
  return parseChoice(text, USERNS);
}

function parseChoice<Word extends string>(text: string, { flag, words, later }: Choice<Word>): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const choices = `Choose from ${words.join(" ")}`;
  const typed = `${flag} ${JSON.stringify(text)}`;
  if (later.test(text)) {
    throw new CtrError("unsupported", `Cannot use ${typed}: it is not there yet`, { hint: choices });
  }
  throw new CtrError("usage", `Cannot use ${typed}: there is no such choice`, {
    hint: didYouMean(text, words, choices),
  });
}
