/** Tests of parsePublish() and parseExpose(). */

import { deepEqual, equal, throws } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import { parseExpose, parsePublish, type PublishedPort } from "./parse_publish.ts";

const tcp = (port: number, more: Partial<PublishedPort> = {}): PublishedPort => ({
  port,
  protocol: "tcp",
  ...more,
});

const ROWS: readonly (readonly [text: string, ports: readonly PublishedPort[]])[] = [
  ["80", [tcp(80)]],
  ["8080:80", [tcp(80, { hostPorts: [8080, 8080] })]],
  ["8080:80/tcp", [tcp(80, { hostPorts: [8080, 8080] })]],
  ["53:53/udp", [{ port: 53, protocol: "udp", hostPorts: [53, 53] }]],
  ["53/UDP", [{ port: 53, protocol: "udp" }]],
  ["0.0.0.0:8080:80", [tcp(80, { address: "0.0.0.0", hostPorts: [8080, 8080] })]],
  ["192.0.2.7::80", [tcp(80, { address: "192.0.2.7" })]],
  ["[::1]:8080:80", [tcp(80, { address: "::1", hostPorts: [8080, 8080] })]],
  ["[2001:db8::7]::80/udp", [{ port: 80, protocol: "udp", address: "2001:db8::7" }]],
  [":80", [tcp(80)]],
  ["::80", [tcp(80)]],
  [":8080:80", [tcp(80, { hostPorts: [8080, 8080] })]],
  ["8000-8001:80-81", [tcp(80, { hostPorts: [8000, 8000] }), tcp(81, { hostPorts: [8001, 8001] })]],
  ["8000-8010:80", [tcp(80, { hostPorts: [8000, 8010] })]],
  ["80-81", [tcp(80), tcp(81)]],
];

for (const [text, ports] of ROWS) {
  Deno.test(`parsePublish(): ${text}`, () => deepEqual(parsePublish(text), ports));
}

const WRONG: readonly (readonly [text: string, problem: RegExp])[] = [
  ["", /the port is missing/],
  ["8080:", /the port is missing/],
  ["8080:web", /"web" is no port/],
  ["0", /ports are 1 to 65535/],
  ["8080:65536", /ports are 1 to 65535/],
  ["81-80", /ends before it begins/],
  ["8000-8002:80-81", /different lengths/],
  ["80/icmp", /no protocol "icmp"/],
  ["80/", /no protocol ""/],
  ["80/sctp", /sctp is not forwarded/],
  ["host:8080:80", /"host" is no IP address/],
  ["[::1:8080:80", /no port|no IP address|missing/],
  ["::1:8080:80", /is no|missing/],
  ["1:2:3:4", /is no|missing/],
  ["8080:80\n", /no port/],
];

for (const [text, problem] of WRONG) {
  Deno.test(`parsePublish(): ${JSON.stringify(text)} is refused`, () => {
    throws(() => parsePublish(text), (error) => error instanceof CtrError && problem.test(error.message));
  });
}

Deno.test("parseExpose(): ports and ranges", () => {
  deepEqual(parseExpose("80"), [{ port: 80, protocol: "tcp" }]);
  deepEqual(parseExpose("53/udp"), [{ port: 53, protocol: "udp" }]);
  equal(parseExpose("7000-7010").length, 11);
  for (const text of ["", "80:80", "x", "80/x"]) throws(() => parseExpose(text), CtrError);
});
