/** What -v, --mount and --tmpfs have in common: destinations and option words. Pure. */

import { CtrError } from "../errors.ts";
import { cleanPath } from "./clean_path.ts";

/** The propagation words of mount(8), without and with the submounts. */
export const PROPAGATION_WORDS = ["private", "rprivate", "slave", "rslave", "shared", "rshared"] as const;

/** Builds the error of a flag whose value can't be used. */
export type FlagError = (problem: string, hint?: string) => CtrError;

/** Returns what makes the errors of one flag's one value. */
export function mountError(flag: string, text: string): FlagError {
  const shown = JSON.stringify(text);
  return (problem, hint) => new CtrError("usage", `Cannot use ${flag} ${shown}: ${problem}`, { hint });
}

/**
 * Parses a path inside the container into its plain form.
 *
 * @throws {CtrError} code "usage" when it is not absolute or is the root
 */
export function parseDestination(text: string, fail: FlagError): string {
  if (!text.startsWith("/")) {
    throw fail(
      `the path in the container ${JSON.stringify(text)} is not absolute`,
      "Begin it with /",
    );
  }
  const path = cleanPath(text);
  if (path === "/") throw fail("the root itself can not be a mount point", "Use --rootfs for another root");
  return path;
}

/**
 * Checks that of each group of words that exclude each other at most one is there, and at most once.
 *
 * @throws {CtrError} code "usage"
 */
export function refuseContradictions(
  words: readonly string[],
  { groups, fail }: { readonly groups: readonly (readonly string[])[]; readonly fail: FlagError },
): void {
  for (const group of groups) {
    const [first, second] = words.filter((word) => group.includes(word));
    if (second === undefined) continue;
    throw fail(
      first === second ? `"${first}" is there twice` : `"${first}" and "${second}" exclude each other`,
    );
  }
}
