/** Tests of commandCandidates(): where a command is looked for. */

import { deepEqual } from "node:assert/strict";
import { commandCandidates } from "./command_steps.ts";

const ROWS = [
  { command: "/bin/sh", path: "/a:/b", candidates: ["/bin/sh"] },
  { command: "./x", path: "/a:/b", candidates: ["./x"] },
  { command: "dir/x", path: "/a:/b", candidates: ["dir/x"] },
  { command: "x", path: "/a:/b", candidates: ["/a/x", "/b/x"] },
  { command: "x", path: "/a//:/b/", candidates: ["/a/x", "/b/x"] },
  { command: "x", path: ":/a", candidates: ["./x", "/a/x"] },
  { command: "x", path: "/a:", candidates: ["/a/x", "./x"] },
  { command: "x", path: "/", candidates: ["/x"] },
  { command: "x", path: "rel", candidates: ["rel/x"] },
  { command: "x", path: "", candidates: ["./x"] },
] as const;

for (const { command, path, candidates } of ROWS) {
  Deno.test(`commandCandidates() of ${command} with PATH="${path}"`, () => {
    deepEqual(commandCandidates([command, "-a"], ["A=1", `PATH=${path}`]), candidates);
  });
}

Deno.test("commandCandidates() without PATH looks in the working directory, as PATH= does", () => {
  deepEqual(commandCandidates(["x"], ["XPATH=/a"]), ["./x"]);
});
