import { deepEqual, throws } from "node:assert/strict";
import { type ImageSubject, parseImageFilter } from "./image_filter.ts";

const NOW = Date.UTC(2026, 0, 10);
const DAY = 24 * 60 * 60 * 1000;

const IMAGES: readonly ImageSubject[] = [
  { id: "sha256:aaa1", repository: "alpine", tag: "latest", createdMs: NOW - DAY, labels: {} },
  {
    id: "sha256:aaa2",
    repository: "host:5000/team/app",
    tag: "1.0",
    createdMs: NOW - 2 * DAY,
    labels: { tier: "web" },
  },
  {
    id: "sha256:aaa3",
    repository: "<none>",
    tag: "<none>",
    createdMs: NOW - 3 * DAY,
    labels: { tier: "db" },
  },
];

const ROWS = [
  { text: "dangling=true", ids: ["aaa3"] },
  { text: "dangling=0", ids: ["aaa1", "aaa2"] },
  { text: "label=tier", ids: ["aaa2", "aaa3"] },
  { text: "label=tier=web", ids: ["aaa2"] },
  { text: "label!=tier", ids: ["aaa1"] },
  { text: "until=36h", ids: ["aaa2", "aaa3"] },
  { text: "before=alpine", ids: ["aaa2", "aaa3"] },
  { text: "since=aaa3", ids: ["aaa1", "aaa2"] },
  { text: "since=host:5000/team/app:1.0", ids: ["aaa1"] },
  { text: "reference=alpine", ids: ["aaa1"] },
  { text: "reference=alp*", ids: ["aaa1"] },
  { text: "reference=alpine:l*", ids: ["aaa1"] },
  { text: "reference=app", ids: ["aaa2"] },
  { text: "reference=*:1.?", ids: ["aaa2"] },
  { text: "reference=a.p*", ids: [] },
] as const;

for (const { text, ids } of ROWS) {
  Deno.test(`parseImageFilter() of ${text} keeps ${ids.join(", ") || "nothing"}`, () => {
    const fits = parseImageFilter(text, NOW);
    deepEqual(IMAGES.filter((image) => fits(image, IMAGES)).map(({ id }) => id.slice(7)), ids);
  });
}

for (const text of ["nothing", "danglin=true", "dangling=maybe", "label", "reference=[z-a]"]) {
  Deno.test(`parseImageFilter() refuses ${text}`, () => {
    throws(() => parseImageFilter(text, NOW), { code: "usage" });
  });
}
