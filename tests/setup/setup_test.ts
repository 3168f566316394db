import { deepEqual, equal } from "node:assert/strict";
import { listMissingPackages, nextFreeId, renderNeeds } from "./setup.ts";

const NEEDS = {
  here: { why: "one thing", packages: ["a"], isPresent: () => true },
  elsewhere: { why: "another", packages: ["b", "c"], isPresent: () => false },
};

Deno.test("renderNeeds() shows what is missing and the packages that bring it", () => {
  equal(renderNeeds(NEEDS), "here       present  one thing\nelsewhere  MISSING  another    b c\n");
});

Deno.test("listMissingPackages() leaves out what is there", () => {
  deepEqual(listMissingPackages(NEEDS), ["b", "c"]);
});

const RANGES = [
  { text: "", next: 100000 },
  { text: "a:100000:65536\n", next: 165536 },
  { text: "a:500:10\n", next: 100000 },
  { text: "a:300000:65536\nb:100000:65536\n", next: 365536 },
] as const;

for (const { text, next } of RANGES) {
  Deno.test(`nextFreeId() is ${next} behind ${JSON.stringify(text)}`, () => {
    equal(nextFreeId(text), next);
  });
}
