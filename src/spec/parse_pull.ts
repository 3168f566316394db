/** `--pull`: when an image is asked for in its registry. Pure. */

import { CtrError } from "../errors.ts";
import type { PullPolicy } from "./request.ts";

/** What it may be. */
export const PULL_POLICIES = ["always", "missing", "never"] as const satisfies readonly PullPolicy[];

/** Parses the value of `--pull`. @throws {CtrError} code "usage" */
export function parsePullPolicy(text: string): PullPolicy {
  const found = PULL_POLICIES.find((policy) => policy === text);
  if (found !== undefined) return found;
  throw new CtrError("usage", `Cannot use --pull ${JSON.stringify(text)}: there is no such way`, {
    hint: `Write one of ${PULL_POLICIES.join(", ")}`,
  });
}
