/** Tests of image_defaults.ts: what was typed goes before what the image says. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { type ImageDefaults, imageEnv, withImageDefaults } from "./image_defaults.ts";
import type { RunRequest } from "./request.ts";

const IMAGE: ImageDefaults = {
  id: `sha256:${"0".repeat(64)}`,
  layersDirectory: "/state/layers",
  layers: ["top", "base"],
  env: ["PATH=/bin", "A=b=c", "EMPTY=", "=x", "noname"],
  entrypoint: ["/entry"],
  command: ["serve"],
  user: "app",
  workdir: "/srv",
  stopSignal: "SIGQUIT",
  exposedPorts: ["80/tcp"],
  labels: { tier: "web" },
  volumes: ["/data"],
};
const BARE = { image: "i", command: [] } as unknown as RunRequest;

const COMMANDS: readonly (readonly [string, Partial<RunRequest>, readonly string[]])[] = [
  ["nothing was typed", {}, ["/entry", "serve"]],
  ["a command was typed", { command: ["ls", "-l"] }, ["/entry", "ls", "-l"]],
  ["an entrypoint was typed", { entrypoint: "/other" }, []],
  ["the entrypoint was cleared", { entrypoint: "", command: ["ls"] }, ["ls"]],
];

for (const [when, typed, command] of COMMANDS) {
  Deno.test(`withImageDefaults(): the command where ${when}`, () => {
    deepEqual(withImageDefaults({ ...BARE, ...typed }, IMAGE).command, command);
  });
}

Deno.test("withImageDefaults() fills in what was not typed, and nothing else", () => {
  const { user, workdir, stopSignal } = withImageDefaults(BARE, IMAGE);
  deepEqual([user, workdir, stopSignal], ["app", "/srv", 3]);
  const typed = { ...BARE, user: "root", workdir: "/", stopSignal: 9 };
  const kept = withImageDefaults(typed, IMAGE);
  deepEqual([kept.user, kept.workdir, kept.stopSignal], ["root", "/", 9]);
  const { user: _, ...nobody } = IMAGE;
  equal("user" in withImageDefaults(BARE, { ...nobody, user: "" }), false);
});

Deno.test("withImageDefaults() refuses a stop signal that is none", () => {
  throws(() => withImageDefaults(BARE, { ...IMAGE, stopSignal: "SIGNONE" }), /no such signal/);
});

Deno.test("imageEnv() splits at the first =, and leaves out what has no name", () => {
  deepEqual(imageEnv(IMAGE), [["PATH", "/bin"], ["A", "b=c"], ["EMPTY", ""]]);
});
