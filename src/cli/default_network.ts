/** The network of a container for which none is named. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import type { NetworkMode } from "../spec/network.ts";
import { parseNetwork } from "./parse_mode.ts";

const VARIABLE = "MYCTR_DEFAULT_NETWORK";

/**
 * Gives what the caller's environment says; else `private` for ordinary users, and for root, who will have bridges, `none`.
 *
 * @throws {CtrError} code "usage" where it says what is no network
 */
export function defaultNetwork(): NetworkMode {
  const typed = callerEnv()[VARIABLE] ?? "";
  if (typed === "") return Deno.uid() === 0 ? "none" : "private";
  try {
    return parseNetwork(typed);
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    throw new CtrError(error.code, `${error.message} (it is the value of ${VARIABLE})`, {
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
