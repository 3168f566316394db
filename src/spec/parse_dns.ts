/** Parses what a container shall know of names: --add-host, --dns, --dns-search, --dns-option. Pure. */

import { CtrError } from "../errors.ts";
import { isAddress } from "./ip_address.ts";

/** Word of --add-host for the address at which the container reaches this machine. */
export const HOST_GATEWAY = "host-gateway";

/** One `--add-host`. */
export interface AddedHost {
  readonly names: readonly string[];
  /** An IP address as typed, without brackets, or {@link HOST_GATEWAY}. */
  readonly address: string;
}

/**
 * Parses `NAME=IP` or `NAME:IP`; an address may stand in brackets, several names are joined by `;` as podman has it.
 *
 * @throws {CtrError} code "usage"
 */
export function parseAddedHost(text: string): AddedHost {
  const end = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  const names = text.slice(0, Math.max(0, end)).split(";");
  const typed = text.slice(end + 1);
  const address = /^\[.+\]$/.test(typed) ? typed.slice(1, -1) : typed;
  const problem = addedHostProblem(names, address);
  if (problem === undefined) return { names, address };
  throw new CtrError("usage", `Cannot add host ${JSON.stringify(text)}: ${problem}`, {
    hint: "Write NAME=IP, such as db=192.0.2.7 or db=[2001:db8::7]",
  });
}

function addedHostProblem(names: readonly string[], address: string): string | undefined {
  if (names.includes("")) return "the name is empty";
  const bad = names.find((name) => !/^[\w.-]+$/.test(name));
  if (bad !== undefined) return `${JSON.stringify(bad)} is no host name`;
  return address === HOST_GATEWAY || isAddress(address)
    ? undefined
    : "there is no IP address behind the name";
}

/**
 * Parses --dns: an IP address.
 *
 * @throws {CtrError} code "usage"
 */
export function parseDns(text: string): string {
  if (isAddress(text)) return text;
  throw new CtrError("usage", `Cannot use name server ${JSON.stringify(text)}: it is no IP address`, {
    hint: "Write an address such as 192.0.2.53 or 2001:db8::53",
  });
}

/**
 * Parses --dns-search: a domain, or `.` for none.
 *
 * @throws {CtrError} code "usage"
 */
export function parseDnsSearch(text: string): string {
  if (/^(?:\.|[\w-]+(?:\.[\w-]+)*\.?)$/.test(text)) return text;
  throw new CtrError("usage", `Cannot use search domain ${JSON.stringify(text)}: it is no domain name`, {
    hint: "Write a domain such as example.org, or . for none",
  });
}

/**
 * Parses --dns-option: one word of resolv.conf(5).
 *
 * @throws {CtrError} code "usage"
 */
export function parseDnsOption(text: string): string {
  if (/^[!-~]+$/.test(text)) return text;
  throw new CtrError("usage", `Cannot use resolver option ${JSON.stringify(text)}: it is not one word`, {
    hint: "Write an option of resolv.conf(5), such as ndots:2",
  });
}
