/** What programs read of `run`, and what `--debug` shows: plan and program as they are. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

interface Line {
  readonly step: number;
  readonly label: string;
  readonly call: number;
  readonly name: string;
  readonly result: number;
  readonly errno?: string;
  readonly calls: readonly { readonly call: number; readonly name: string }[];
}

function linesOf(text: string): readonly Line[] {
  // Each run has an id of its own, which is its host name too.
  return text.trimEnd().split("\n").map((line) =>
    JSON.parse(line.replace(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, "ID"))
  );
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`json: what --explain=json tells is what --dry-run=json said, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["--rm", "--rootfs", `${box.rootfs}:O`, "true"];
      const planned = linesOf((await box.run("run", "--dry-run=json", ...words)).stdout);
      const names = new Map(planned.flatMap(({ calls }) => calls.map(({ call, name }) => [call, name])));
      const { code, stdout, stderr } = await box.run("run", "--explain=json", ...words);
      deepEqual([code, stdout], [0, ""]);
      const made = linesOf(stderr);
      ok(made.length > 50);
      deepEqual(made.filter(({ call, name }) => names.get(call) !== name), []);
      deepEqual(made.filter(({ step, label }) => planned[step - 1]?.label !== label), []);
      deepEqual(made.filter(({ result, errno }) => (result === -1) !== (errno !== undefined)), []);
    },
  });

  Deno.test({
    ...requires(`debug: plan and program of a run and of a clean-up, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const run = ["run", "--rm", "--rootfs", box.rootfs, "true"];
      const words = box.command(...run);
      const debugged = await box.exec(words.toSpliced(words.length - run.length, 0, "--debug"));
      equal(debugged.code, 0);
      match(debugged.stderr, /create the namespaces[^]*\nThe program: \d+ instructions/);
      match(debugged.stderr, /; enter the root\n0x[0-9a-f]+ {2}\w+\(/);
    },
  });
}
