/** `--filter` of lists of images, by docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import { parsePruneFilter } from "./prune_filter.ts";

/** An image as a filter sees it. */
export interface ImageSubject {
  readonly id: string;
  /** `<none>` where it has no name. */
  readonly repository: string;
  readonly tag: string;
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether an image stays in a list; `all` are all images. */
export type ImageFilter = (image: ImageSubject, all: readonly ImageSubject[]) => boolean;

const KEYS = ["before", "dangling", "label", "reference", "since", "until"] as const;

/** What a shell can complete. */
export const IMAGE_FILTER_WORDS: readonly string[] = [
  ...KEYS.filter((key) => key !== "dangling").map((key) => `${key}=`),
  "dangling=true",
  "dangling=false",
];

/** Parses `KEY=VALUE`. @throws {CtrError} code "usage" */
export function parseImageFilter(text: string, nowMs: number): ImageFilter {
  const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  switch (key) {
    case "label":
    case "label!":
    case "until": {
      const { fits } = parsePruneFilter(text, nowMs);
      return (image) => fits(image);
    }
    case "dangling": {
      const isDangling = parseBoolean(text, value);
      return ({ repository }) => (repository === "<none>") === isDangling;
    }
    case "reference": {
      const pattern = toPattern(value);
      return ({ repository, tag }) => pattern.test(repository) || pattern.test(`${repository}:${tag}`);
    }
    case "before":
      return ({ createdMs }, all) => createdMs < named(all, value).createdMs;
    case "since":
      return ({ createdMs }, all) => createdMs > named(all, value).createdMs;
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

/** As Go's path.Match: a star goes over no slash. */
function toPattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", "[^/]*").replaceAll("?", "[^/]");
  try {
    return new RegExp(`^(?:.*/)?${source}$`);
  } catch {
    throw filterError(`reference=${glob}`, "it is no pattern", "Write it as in 'alp*:3.*'");
  }
}

function named(all: readonly ImageSubject[], value: string): ImageSubject {
  const digits = value.replace(/^sha256:/, "");
  const found =
    all.find(({ repository, tag }) =>
      `${repository}:${tag}` === value || repository === value && tag === "latest"
    ) ??
      all.find(({ id }) => /^[0-9a-f]+$/.test(digits) && id.startsWith(`sha256:${digits}`));
  if (found !== undefined) return found;
  throw new CtrError("not_found", `Cannot find image ${JSON.stringify(value)}: it is not in the store`, {
    hint: 'See "myctr images"',
  });
}

function filterError(text: string, why: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use filter ${JSON.stringify(text)}: ${why}`, { hint });
}
