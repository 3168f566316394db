/** Parses the flags that choose one of a few words: --network, --userns. Pure. */

import { CtrError } from "../errors.ts";
import { NETWORK_HELPERS, type NetworkMode } from "../spec/network.ts";
import { didYouMean } from "../spec/nearest.ts";

/** What another container's name stands behind. */
export const CONTAINER = "container:";

interface Choice<Word extends string> {
  readonly flag: string;
  readonly words: readonly Word[];
  /** Words of docker and podman that myctr does not have yet. */
  readonly later: RegExp;
}

/** What --network takes. */
export const NETWORK_MODES = ["none", "host", "private", ...NETWORK_HELPERS] as const;

/** What --userns takes. */
export const USERNS_MODES = ["private", "host"] as const;

/** What --pid takes. */
export const PID_MODES = ["private", "host"] as const;

/** What --ipc takes. */
export const IPC_MODES = ["private", "shareable", "none", "host"] as const;

/** What --uts takes. */
export const UTS_MODES = ["private", "host"] as const;

const PID: Choice<(typeof PID_MODES)[number]> = { flag: "--pid", words: PID_MODES, later: /^ns:/ };
const IPC: Choice<(typeof IPC_MODES)[number]> = { flag: "--ipc", words: IPC_MODES, later: /^ns:/ };
const UTS: Choice<(typeof UTS_MODES)[number]> = {
  flag: "--uts",
  words: UTS_MODES,
  later: /^(container|ns):/,
};

const NETWORK: Choice<(typeof NETWORK_MODES)[number]> = {
  flag: "--network",
  words: NETWORK_MODES,
  later: /^(bridge|default|ns:.*|(slirp4netns|pasta):.*)$/,
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
export function parseNetwork(text: string): NetworkMode {
  return parseShared(text, NETWORK);
}

/**
 * Parses --userns.
 *
 * @throws {CtrError} code "usage", or "unsupported" for podman's other modes
 */
export function parseUserns(text: string): "private" | "host" {
  return parseChoice(text, USERNS);
}

/**
 * Parses --pid.
 *
 * @throws {CtrError} code "usage", or "unsupported" for paths
 */
export function parsePid(text: string): "private" | "host" | `container:${string}` {
  return parseShared(text, PID);
}

/**
 * Parses --ipc.
 *
 * @throws {CtrError} code "usage", or "unsupported" for paths
 */
export function parseIpc(text: string): "private" | "shareable" | "none" | "host" | `container:${string}` {
  return parseShared(text, IPC);
}

/**
 * Parses --uts.
 *
 * @throws {CtrError} code "usage", or "unsupported" for other containers' and paths
 */
export function parseUts(text: string): "private" | "host" {
  return parseChoice(text, UTS);
}

/** One of the words, or another container. */
function parseShared<Word extends string>(text: string, choice: Choice<Word>): Word | `container:${string}` {
  if (!text.startsWith(CONTAINER)) return parseChoice(text, choice);
  if (text !== CONTAINER) return text as `container:${string}`;
  throw new CtrError("usage", `Cannot use ${choice.flag} "${CONTAINER}": no container is named`, {
    hint: `Write ${choice.flag} ${CONTAINER}NAME`,
  });
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
