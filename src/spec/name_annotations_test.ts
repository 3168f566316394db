/** Tests of nameAnnotations(). */

import { deepEqual, throws } from "node:assert/strict";
import { REQUEST } from "../../tests/golden/plan_cases.ts";
import { nameAnnotations } from "./name_annotations.ts";
import { ANNOTATION } from "./types.ts";

const GATEWAY = [{ names: ["up"], address: "host-gateway" }];

Deno.test("nameAnnotations() has nothing to say without a flag", () => {
  deepEqual(nameAnnotations(REQUEST), {});
});

Deno.test("nameAnnotations() keeps what was given in the order of the command line", () => {
  const addedHosts = [{ names: ["b"], address: "::1" }, { names: ["a", "c"], address: "192.0.2.1" }];
  const given = { nameServers: ["::1"], searchDomains: ["a", "b"], resolverOptions: ["rotate"] };
  deepEqual(nameAnnotations({ ...REQUEST, addedHosts, ...given }), {
    [ANNOTATION.hosts]: "::1\tb\n192.0.2.1\ta c",
    [ANNOTATION.nameServers]: "::1",
    [ANNOTATION.searchDomains]: "a b",
    [ANNOTATION.resolverOptions]: "rotate",
  });
});

Deno.test("nameAnnotations() knows the host's address with its own network alone", () => {
  deepEqual(nameAnnotations({ ...REQUEST, addedHosts: GATEWAY, network: "host" }), {
    [ANNOTATION.hosts]: "127.0.0.1\tup",
  });
  throws(() => nameAnnotations({ ...REQUEST, addedHosts: GATEWAY }), { code: "unsupported", hint: /host/ });
});
