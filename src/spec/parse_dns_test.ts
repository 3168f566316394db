/** Tests of parseAddedHost(), parseDns(), parseDnsSearch() and parseDnsOption(). */

import { deepEqual, equal, throws } from "node:assert/strict";
import { parseAddedHost, parseDns, parseDnsOption, parseDnsSearch } from "./parse_dns.ts";

const HOSTS = [
  { text: "db:192.0.2.7", names: ["db"], address: "192.0.2.7" },
  { text: "db=192.0.2.7", names: ["db"], address: "192.0.2.7" },
  { text: "db:2001:db8::7", names: ["db"], address: "2001:db8::7" },
  { text: "db=[2001:DB8::7]", names: ["db"], address: "2001:DB8::7" },
  { text: "db:[::1]", names: ["db"], address: "::1" },
  { text: "a.b;my_db=127.0.0.1", names: ["a.b", "my_db"], address: "127.0.0.1" },
  { text: "up:host-gateway", names: ["up"], address: "host-gateway" },
] as const;

for (const { text, names, address } of HOSTS) {
  Deno.test(`parseAddedHost() takes ${text}`, () => {
    deepEqual(parseAddedHost(text), { names: [...names], address });
  });
}

const BAD_HOSTS = [
  { text: "", state: /name is empty/ },
  { text: "db", state: /name is empty/ },
  { text: "=127.0.0.1", state: /name is empty/ },
  { text: "a;=127.0.0.1", state: /name is empty/ },
  { text: "a b=127.0.0.1", state: /"a b" is no host name/ },
  { text: "a\nb=127.0.0.1", state: /no host name/ },
  { text: "a:b=127.0.0.1", state: /"a:b" is no host name/ },
  { text: "db:", state: /no IP address/ },
  { text: "db=[]", state: /no IP address/ },
  { text: "db=elsewhere", state: /no IP address/ },
  { text: "db=::1\n10.0.0.1 x", state: /no IP address/ },
] as const;

for (const { text, state } of BAD_HOSTS) {
  Deno.test(`parseAddedHost() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseAddedHost(text), { code: "usage", message: state });
  });
}

for (const text of ["0.0.0.0", "255.255.255.255", "::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "fe80::1"]) {
  Deno.test(`parseDns() takes ${text}`, () => {
    equal(parseDns(text), text);
  });
}

const BAD_ADDRESSES = [
  "",
  "256.0.0.1",
  "01.2.3.4",
  "1.2.3",
  "1.2.3.4.5",
  "1::2::3",
  "fe80::1%eth0",
  "[::1]",
  ":",
  "g::1",
];

for (const text of BAD_ADDRESSES) {
  Deno.test(`parseDns() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseDns(text), { code: "usage", message: /no IP address/ });
  });
}

Deno.test("parseDnsSearch() takes domains and the dot that means none", () => {
  for (const text of ["example.org", "a", "_tcp.example.org.", "."]) equal(parseDnsSearch(text), text);
});

for (const text of ["", "a b", "..", ".a", "a\nnameserver 10.0.0.1"]) {
  Deno.test(`parseDnsSearch() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseDnsSearch(text), { code: "usage" });
  });
}

Deno.test("parseDnsOption() takes one word", () => {
  equal(parseDnsOption("ndots:2"), "ndots:2");
  for (const text of ["", "a b", "a\nb"]) throws(() => parseDnsOption(text), { code: "usage" });
});
