/** Parses `--rootfs DIR[:O]`. Pure. */

import { CtrError } from "../errors.ts";
import type { RootfsRequest } from "./request.ts";

/**
 * Parses the value of --rootfs. What follows the last colon is an option, unless there is a `/` in it.
 *
 * @throws {CtrError} code "usage"
 */
export function parseRootfs(text: string): RootfsRequest {
  const colon = text.lastIndexOf(":");
  const hasOption = colon >= 0 && !text.slice(colon).includes("/");
  const path = hasOption ? text.slice(0, colon) : text;
  const option = hasOption ? text.slice(colon + 1) : undefined;
  if (path === "") throw rootfsError(text, "the directory is empty");
  if (option !== undefined && option !== "O") {
    throw rootfsError(text, `there is no option ${JSON.stringify(option)}`);
  }
  return { path, overlay: option === "O" };
}

function rootfsError(text: string, problem: string): CtrError {
  return new CtrError("usage", `Cannot use root directory ${JSON.stringify(text)}: ${problem}`, {
    hint: "Write DIR, or DIR:O to leave the directory untouched",
  });
}
