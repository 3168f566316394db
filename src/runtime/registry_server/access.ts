/** Who may ask this registry. Pure. */

import { isLoopback } from "../../image/registry/endpoint.ts";
import { Refusal } from "./refusal.ts";

/** What a request must have. */
export interface AccessRule {
  /** What everybody must know who asks; absent where all of this machine may. */
  readonly token?: string;
  /** Whether who asks is not of this machine, or need not be. */
  readonly isRemoteAllowed: boolean;
}

const REALM = 'Basic realm="myctr"';

/** Refuses a request of somebody who may not ask. @throws {Refusal} */
export function refuseStrangers(headers: Headers, { token, isRemoteAllowed }: AccessRule): void {
  // A page in a browser of this machine can give 127.0.0.1 a name of its own, and read what it is told then.
  if (!isRemoteAllowed && !isLoopback(headers.get("host") ?? "")) {
    throw new Refusal(403, "DENIED", "this registry is asked by an address of this machine alone");
  }
  if (token === undefined || isSame(givenToken(headers.get("authorization") ?? ""), token)) return;
  throw new Refusal(401, "UNAUTHORIZED", "this registry wants its token, as the password of any user", {
    "www-authenticate": REALM,
  });
}

/** The token of a header: by itself, or as a password. */
function givenToken(header: string): string {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return "";
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(value));
    return text.slice(text.indexOf(":") + 1);
  } catch {
    return "";
  }
}

/** Compares in a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  const [left, right] = [given, token].map((text) => new TextEncoder().encode(text)) as [
    Uint8Array,
    Uint8Array,
  ];
  let difference = left.length ^ right.length;
  for (let index = 0; index < right.length; index++) difference |= (left[index] ?? 0) ^ right[index]!;
  return difference === 0;
}
