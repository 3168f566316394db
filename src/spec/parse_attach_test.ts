import { doesNotThrow, equal, throws } from "node:assert/strict";
import { REQUEST } from "../../tests/golden/plan_cases.ts";
import { checkAttach, parseAttach } from "./parse_attach.ts";
import type { RunRequest } from "./request.ts";

Deno.test("--attach takes three names, in any case", () => {
  equal(parseAttach("STDOUT"), "stdout");
  throws(() => parseAttach("stdou"), { code: "usage", hint: /"stdout"/ });
  throws(() => parseAttach(""), { code: "usage" });
});

const FIT: readonly Partial<RunRequest>[] = [
  { attach: [] },
  { attach: [], detach: true },
  { attach: ["stderr"] },
  { attach: ["stdin"], interactive: true },
  { attach: ["stdin", "stdout"], interactive: true, tty: true },
];
const UNFIT: readonly (readonly [Partial<RunRequest>, RegExp])[] = [
  [{ attach: ["stdout"], detach: true }, /with --detach/],
  [{ attach: ["stderr"], tty: true }, /with --tty/],
  [{ attach: ["stdout"], interactive: true }, /with --interactive/],
  [{ attach: ["stdin"] }, /has no input/],
];

for (const asked of FIT) {
  Deno.test(`--attach fits: ${JSON.stringify(asked)}`, () => {
    doesNotThrow(() => checkAttach({ ...REQUEST, ...asked }));
  });
}

for (const [asked, message] of UNFIT) {
  Deno.test(`--attach is refused: ${JSON.stringify(asked)}`, () => {
    throws(() => checkAttach({ ...REQUEST, ...asked }), { code: "usage", message });
  });
}
