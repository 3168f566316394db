/** What `myctr build` is given: arguments, contexts of all kinds; and what it only reads. */

import { deepEqual, equal, match } from "node:assert/strict";
import { USERS } from "../kernel/box.ts";
import { testerFor } from "../kernel/test_in_box.ts";
import { context, inImage } from "./build_harness.ts";
import { done, importRoot } from "./image_box.ts";

for (const { user, needs } of USERS) {
  const test = testerFor("build inputs", { user, needs });

  test("ARG: what was given, its own default, the one before FROM, the platform's; ENV goes before all", async (box) => {
    await importRoot(box, "base");
    const file = [
      "ARG A=global B=global C=global",
      "FROM base",
      "ARG A",
      "ARG B=own",
      "ARG C=own",
      "ARG TARGETOS",
      "ARG D",
      "ENV D=env",
      'RUN echo "$A $B $C $TARGETOS $D" >/seen',
    ].join("\n");
    const directory = await context(box, { "Containerfile": file });
    const built = await box.run(
      "build",
      "-t",
      "x",
      "--build-arg",
      "C=given",
      "--build-arg",
      "D=given",
      directory,
    );
    equal(built.code, 0, built.stderr);
    equal(await inImage(box, "x", "cat /seen"), "global own given linux env\n");
  });

  test("a context may be an archive, and standard input", async (box) => {
    await importRoot(box, "base");
    const directory = await context(box, { "tree/Containerfile": "FROM base\nCOPY f /f\n", "tree/f": "f\n" });
    const archive = `${directory}/context.tgz`;
    equal((await box.exec(["tar", "-C", `${directory}/tree`, "-czf", archive, "."])).code, 0);
    const fromFile = await box.run("build", "-q", "-t", "x", archive);
    equal(fromFile.code, 0, fromFile.stderr);
    const piped = await box.exec(box.command("build", "-q", "-t", "y", "-"), {
      stdin: await Deno.readFile(archive),
    });
    equal(piped.code, 0, piped.stderr);
    equal(piped.stdout, fromFile.stdout);
    equal(await inImage(box, "y", "cat /f"), "f\n");
    const text = "FROM base\nRUN echo alone >/f\n";
    const alone = await box.exec(box.command("build", "-q", "-t", "z", "-"), { stdin: text });
    equal(alone.code, 0, alone.stderr);
    equal(await inImage(box, "z", "cat /f"), "alone\n");
    const none = await box.run("build", `${directory}/tree/f`);
    equal(none.code, 1);
    match(none.stderr, /it is no archive of tar/);
  });

  test("what can not be done yet is refused with its place", async (box) => {
    await importRoot(box, "base");
    const directory = await context(box, {
      "Containerfile": "FROM base\nCOPY --from=base --exclude=x /etc /e\n",
    });
    const { code, stderr } = await box.run("build", directory);
    equal(code, 1);
    match(stderr, /^Containerfile:2:18: --exclude is not there yet$/m);
  });

  test("--parse-only prints an object for each instruction", async (box) => {
    const directory = await context(box, {
      "Containerfile": 'FROM a\nRUN ["b"]\nCOPY --from=x c d\nENV e=f\n',
    });
    const lines = (await done(box.run("build", "--parse-only", directory))).trim().split("\n");
    deepEqual(lines.map((line) => JSON.parse(line)), [
      { cmd: "from", flags: [], args: ["a"] },
      { cmd: "run", flags: [], args: ["b"] },
      { cmd: "copy", flags: ["--from=x"], args: ["c", "d"] },
      { cmd: "env", flags: [], args: ["e", "f"] },
    ]);
  });
}
