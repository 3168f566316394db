import { deepEqual } from "node:assert/strict";
import { chooseChallenge, parseChallenges } from "./challenge.ts";

const ROWS = [
  {
    header: 'Bearer realm="https://a.test/token",service="a.test",scope="repository:x:pull,push"',
    expected: [["bearer", {
      realm: "https://a.test/token",
      service: "a.test",
      scope: "repository:x:pull,push",
    }]],
  },
  { header: 'Basic realm="a \\"b\\""', expected: [["basic", { realm: 'a "b"' }]] },
  { header: "basic realm=plain", expected: [["basic", { realm: "plain" }]] },
  {
    header: 'Basic realm="x", Bearer REALM="y" , service=z',
    expected: [["basic", { realm: "x" }], ["bearer", { realm: "y", service: "z" }]],
  },
  { header: "Negotiate, Basic realm=x", expected: [["negotiate", {}], ["basic", { realm: "x" }]] },
  { header: "", expected: [] },
  { header: '="', expected: [] },
  { header: 'Bearer realm="never closed', expected: [["bearer", {}]] },
] as const;

for (const { header, expected } of ROWS) {
  Deno.test(`parseChallenges() of ${JSON.stringify(header)}`, () => {
    const parsed = parseChallenges(header)
      .map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
    deepEqual(parsed.slice(0, expected.length), expected);
  });
}

Deno.test("chooseChallenge() prefers a token to a password, and knows nothing else", () => {
  deepEqual(chooseChallenge("Basic realm=x, Bearer realm=y")?.scheme, "bearer");
  deepEqual(chooseChallenge("Negotiate, Basic realm=x")?.scheme, "basic");
  deepEqual(chooseChallenge("Negotiate"), undefined);
});
