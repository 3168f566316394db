/** Parses --publish and --expose: which ports of a container are reached from outside. Pure. */

import { CtrError } from "../errors.ts";
import { isAddress } from "./ip_address.ts";

export const PROTOCOLS = ["tcp", "udp"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** A port of the container. */
export interface ExposedPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** A port of the container, and where it is to be reached. */
export interface PublishedPort extends ExposedPort {
  /** An IP address without brackets; absent: 127.0.0.1. */
  readonly address?: string;
  /** The first and the last of the machine's ports that may be taken; absent: any that is free. */
  readonly hostPorts?: readonly [first: number, last: number];
}

type Range = readonly [first: number, last: number];

const PORT_MAX = 65_535;
const FORM =
  "Write [[ADDRESS:]HOSTPORT:]PORT[/tcp|udp], as in 8080:80, 0.0.0.0:8080:80, 53:53/udp or 8000-8005:80-85";

/**
 * Parses --publish: `PORT`, `HOSTPORT:PORT`, `ADDRESS:HOSTPORT:PORT` or `ADDRESS::PORT`; each port may be a range, and a
 * range of the machine's for one port of the container is a choice.
 *
 * @throws {CtrError} code "usage", or "unsupported" for sctp
 */
export function parsePublish(text: string): readonly PublishedPort[] {
  const fail = (problem: string) =>
    new CtrError("usage", `Cannot publish ${JSON.stringify(text)}: ${problem}`, { hint: FORM });
  const [, bracketed, plain, host, inside = "", word] =
    /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(?:([^:/]*):)?([^:/]*)(?:\/(.*))?$/s.exec(shifted(text)) ?? [];
  const address = bracketed ?? (plain || undefined);
  if (address !== undefined && !isAddress(address)) throw fail(`${JSON.stringify(address)} is no IP address`);
  const protocol = parseProtocol(word ?? "tcp", text, fail);
  const ports = parseRange(inside, fail);
  const hostPorts = host ? parseRange(host, fail) : undefined;
  const count = ports[1] - ports[0];
  if (hostPorts !== undefined && count > 0 && hostPorts[1] - hostPorts[0] !== count) {
    throw fail("the ranges have different lengths");
  }
  return Array.from({ length: count + 1 }, (_, index) => ({
    port: ports[0] + index,
    protocol,
    ...(address !== undefined && { address }),
    ...(hostPorts !== undefined && {
      hostPorts: count > 0 ? [hostPorts[0] + index, hostPorts[0] + index] as const : hostPorts,
    }),
  }));
}

/** With one colon alone, what stands before it is a port. */
function shifted(text: string): string {
  return /^[^:[\]]*:[^:]*$/.test(text) ? `:${text}` : text;
}

/**
 * Parses --expose: a port or a range, with a protocol.
 *
 * @throws {CtrError} code "usage", or "unsupported" for sctp
 */
export function parseExpose(text: string): readonly ExposedPort[] {
  const fail = (problem: string) =>
    new CtrError("usage", `Cannot expose ${JSON.stringify(text)}: ${problem}`, {
      hint: "Write PORT[/tcp|udp], as in 80, 53/udp or 7000-7010",
    });
  const [, inside = "", word = "tcp"] = /^([^/]*)(?:\/(.*))?$/s.exec(text) ?? [];
  const protocol = parseProtocol(word, text, fail);
  const [first, last] = parseRange(inside, fail);
  return Array.from({ length: last - first + 1 }, (_, index) => ({ port: first + index, protocol }));
}

function parseProtocol(word: string, text: string, fail: (problem: string) => CtrError): Protocol {
  const found = PROTOCOLS.find((each) => each === word.toLowerCase());
  if (found !== undefined) return found;
  if (word.toLowerCase() === "sctp") {
    throw new CtrError("unsupported", `Cannot use port ${JSON.stringify(text)}: sctp is not forwarded`, {
      hint: `Choose from ${PROTOCOLS.join(" ")}`,
    });
  }
  throw fail(`there is no protocol ${JSON.stringify(word)}`);
}

function parseRange(text: string, fail: (problem: string) => CtrError): Range {
  if (text === "") throw fail("the port is missing");
  const [, first, last = first] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? [];
  if (first === undefined) throw fail(`${JSON.stringify(text)} is no port`);
  const range = [Number(first), Number(last)] as const;
  if (range.some((port) => port < 1 || port > PORT_MAX)) throw fail(`ports are 1 to ${PORT_MAX}`);
  if (range[1] < range[0]) throw fail("the range ends before it begins");
  return range;
}
