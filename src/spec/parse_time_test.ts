import { deepEqual, throws } from "node:assert/strict";
import { compareInstants, instantOfMs, millisecondsBetween, parseInstant } from "./parse_time.ts";

const NOW_MS = 1_700_000_000_500;

const LOCAL = (text: string) => Date.parse(text) / 1000;

const ROWS = [
  { text: "0", instant: [0, 0] },
  { text: "1700000000", instant: [1_700_000_000, 0] },
  { text: "1700000000.25", instant: [1_700_000_000, 250_000_000] },
  { text: "1700000000.123456789", instant: [1_700_000_000, 123_456_789] },
  { text: "1700000000.1234567899", instant: [1_700_000_000, 123_456_789] },
  { text: "10m", instant: [1_699_999_400, 500_000_000] },
  { text: "1h30m", instant: [1_699_994_600, 500_000_000] },
  { text: "1.5h", instant: [1_699_994_600, 500_000_000] },
  { text: "-10s", instant: [1_700_000_010, 500_000_000] },
  { text: "+10s", instant: [1_699_999_990, 500_000_000] },
  { text: "250ms", instant: [1_700_000_000, 250_000_000] },
  { text: "1s500ms", instant: [1_699_999_999, 0] },
  { text: "2026-01-31T12:00:00Z", instant: [1_769_860_800, 0] },
  { text: "2026-01-31T12:00:00.000000001Z", instant: [1_769_860_800, 1] },
  { text: "2026-01-31T14:00:00+02:00", instant: [1_769_860_800, 0] },
  { text: "2026-01-31T12:00Z", instant: [1_769_860_800, 0] },
  { text: "2026-01-31T12Z", instant: [1_769_860_800, 0] },
  { text: "2026-01-31Z", instant: [1_769_817_600, 0] },
  { text: "2026-01-31T12:00:00", instant: [LOCAL("2026-01-31T12:00:00"), 0] },
  { text: "2026-01-31T12:00", instant: [LOCAL("2026-01-31T12:00:00"), 0] },
  { text: "2026-01-31T12", instant: [LOCAL("2026-01-31T12:00:00"), 0] },
  { text: "2026-01-31", instant: [LOCAL("2026-01-31T00:00:00"), 0] },
] as const;

for (const { text, instant: [seconds, nanoseconds] } of ROWS) {
  Deno.test(`parseInstant() takes ${text}`, () => {
    deepEqual(parseInstant(text, NOW_MS), { seconds, nanoseconds });
  });
}

const BAD = ["", "yesterday", "10x", "m", "-", "1h-", "2026-02-30", "2026-13-01", "12:00", "1e3"];

for (const text of BAD) {
  Deno.test(`parseInstant() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseInstant(text, NOW_MS), { code: "usage" });
  });
}

Deno.test("compareInstants() goes by seconds, then by nanoseconds", () => {
  const [a, b, c] = [[1, 5], [1, 6], [2, 0]].map(([seconds, nanoseconds]) => ({
    seconds: seconds!,
    nanoseconds: nanoseconds!,
  }));
  deepEqual([compareInstants(a!, b!) < 0, compareInstants(c!, b!) > 0, compareInstants(a!, a!)], [
    true,
    true,
    0,
  ]);
});

Deno.test("millisecondsBetween() rounds up: who waits so long does not wait too short", () => {
  deepEqual(millisecondsBetween(instantOfMs(1000), { seconds: 2, nanoseconds: 1 }), 1001);
});
