/** Tests of divideStages() and what finds stages: names, arguments before FROM, and what is needed. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { parseContainerfile } from "./parse_containerfile.ts";
import { divideStages, maybeSourceStage, maybeTarget, neededStages } from "./stages.ts";

function divide(text: string, given: Readonly<Record<string, string>> = {}) {
  return divideStages(parseContainerfile(text), {
    given: new Map(Object.entries(given)),
    predefined: new Map([["TARGETARCH", "amd64"]]),
  });
}

const TEXT = `ARG V=1
FROM base:$V AS one
FROM \${TARGETARCH}/x AS Two
COPY --from=one a b
FROM one
FROM scratch AS other
FROM three
COPY --from=2 a b
`;

Deno.test("divideStages(): bases are names, or stages before", () => {
  const { stages, problems } = divide(TEXT, { V: "9" });
  deepEqual(problems, []);
  deepEqual(stages.map(({ name, base }) => [name, base]), [
    ["one", "base:9"],
    ["two", "amd64/x"],
    [undefined, 0],
    ["other", "scratch"],
    [undefined, "three"],
  ]);
});

Deno.test("neededStages(): what a target needs, and nothing else", () => {
  const { stages } = divide(TEXT);
  const of = (target?: string) =>
    neededStages(stages, maybeTarget(stages, target)!).map(({ index }) => index);
  deepEqual(of("one"), [0]);
  deepEqual(of("TWO"), [0, 1]);
  deepEqual(of("2"), [0, 2]);
  deepEqual(of(), [0, 2, 4]);
  equal(maybeTarget(stages, "nosuch"), undefined);
  // What stands behind is another image of that name.
  equal(maybeSourceStage(stages, "other", 2), undefined);
});

const WRONG: readonly (readonly [text: string, problem: RegExp])[] = [
  ["RUN x", /no FROM before/],
  ["ARG a", /there is no FROM/],
  ["FROM $U", /\$U is empty/],
  ["FROM ${", /there is no/],
  ["ARG 1=2\nFROM a", /no name of a variable/],
];

for (const [text, problem] of WRONG) {
  Deno.test(`divideStages(): ${JSON.stringify(text)} is refused`, () => {
    const { problems } = divide(text);
    ok(problems.some(({ message }) => problem.test(message)), JSON.stringify(problems));
  });
}
