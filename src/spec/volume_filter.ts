/** `--filter` of lists of volumes, by docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import { parsePruneFilter } from "./prune_filter.ts";

/** What a list shows of a volume. */
export interface VolumeRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its files are. */
  readonly mountpoint: string;
  /** How many containers use it. */
  readonly users: number;
}

const KEYS = ["dangling", "driver", "label", "name"] as const;

/** What a shell can complete. */
export const VOLUME_FILTER_WORDS: readonly string[] = [
  "dangling=true",
  "dangling=false",
  "driver=local",
  "label=",
  "name=",
];

/** Parses `KEY=VALUE`. @throws {CtrError} code "usage" */
export function parseVolumeFilter(text: string): (row: VolumeRow) => boolean {
  const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  switch (key) {
    case "dangling": {
      const isDangling = parseBoolean(text, value);
      return ({ users }) => (users === 0) === isDangling;
    }
    case "driver":
      return () => value === "local";
    case "label":
    case "label!": {
      const { fits } = parsePruneFilter(text, 0);
      return ({ labels }) => fits({ labels, createdMs: 0 });
    }
    case "name":
      return ({ name }) => name.includes(value);
    default:
      throw filterError(
        text,
        "there is no such filter",
        didYouMean(key, KEYS, `Write one of ${KEYS.join(", ")}`),
      );
  }
}

function parseBoolean(text: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw filterError(text, "it is neither true nor false", "Write true or false");
}

function filterError(text: string, why: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use filter ${JSON.stringify(text)}: ${why}`, { hint });
}
