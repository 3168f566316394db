import { deepEqual, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import { type FindWaited, waitCommand } from "./wait.ts";

/** Containers by their exit codes; what has none is not there. */
function containers(codes: Readonly<Record<string, number>>, seen: string[] = []): FindWaited {
  return (reference, condition) => {
    const code = codes[reference];
    if (code === undefined) return Promise.reject(new CtrError("not_found", "Cannot find it"));
    seen.push(`${reference} ${condition}`);
    return Promise.resolve({ wait: () => code, [Symbol.dispose]: () => seen.push(`${reference} closed`) });
  };
}

async function run(find: FindWaited, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const session = {
    isDebug: false,
    print: (text: string) => void (out += text),
    warn: (text: string) => void (err += text),
  };
  return { code: await waitCommand(find).run(argv, session), out, err };
}

Deno.test("wait: all are found before the first one is waited for, and closed at the end", async () => {
  const seen: string[] = [];
  deepEqual(await run(containers({ a: 1, b: 2 }, seen), "a", "b"), { code: 0, out: "1\n2\n", err: "" });
  deepEqual(seen, ["a not-running", "b not-running", "b closed", "a closed"]);
});

Deno.test("wait: one that is not there does not stop the rest, and is 1", async () => {
  const { code, out, err } = await run(containers({ a: 1 }), "none", "a");
  deepEqual([code, out, err], [1, "1\n", "myctr: Cannot find it\n"]);
});

Deno.test("wait: with --ignore it is -1, and no error", async () => {
  deepEqual(await run(containers({ a: 1 }), "--ignore", "none", "a"), { code: 0, out: "-1\n1\n", err: "" });
});

Deno.test("wait: a condition is handed on, another word is refused", async () => {
  const seen: string[] = [];
  await run(containers({ a: 0 }, seen), "--condition=removed", "a");
  deepEqual(seen[0], "a removed");
  await rejects(() => run(containers({}), "--condition", "remove", "a"), { code: "usage", hint: /removed/ });
});
