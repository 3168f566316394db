import { deepEqual } from "node:assert/strict";

/** In a process of its own: the C library reads TZ once. */
const SCRIPT = `
  import { localZone } from ${JSON.stringify(import.meta.resolve("./local_time.ts"))};
  console.log(JSON.stringify([1764072000, 1751371200].map(localZone)));
`;

const ZONES = [
  ["UTC", [{ offsetSeconds: 0, name: "UTC" }, { offsetSeconds: 0, name: "UTC" }]],
  // As POSIX writes it, so that no data base of zones is needed.
  ["CET-1CEST,M3.5.0,M10.5.0/3", [{ offsetSeconds: 3600, name: "CET" }, {
    offsetSeconds: 7200,
    name: "CEST",
  }]],
] as const;

for (const [zone, expected] of ZONES) {
  Deno.test(`localZone() where TZ is ${zone}`, async () => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", SCRIPT],
      env: { TZ: zone },
      stdout: "piped",
    });
    deepEqual(JSON.parse(new TextDecoder().decode((await command.output()).stdout)), expected);
  });
}
