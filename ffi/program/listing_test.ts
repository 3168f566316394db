/** Tests of machine code listings: their form, their size, and the numbers that the instruction's layout gives. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { LAYOUT, STRIDE } from "./instruction.ts";
import { INTERPRETER_AARCH64 } from "./interpreter_aarch64.ts";
import { INTERPRETER_X86_64 } from "./interpreter_x86_64.ts";
import { joinListing, type Listing } from "./listing.ts";

const LISTINGS: readonly { readonly name: string; readonly listing: Listing; readonly size: number }[] = [
  { name: "x86_64", listing: INTERPRETER_X86_64, size: 132 },
  { name: "aarch64", listing: INTERPRETER_AARCH64, size: 4 * INTERPRETER_AARCH64.length },
];

Deno.test("joinListing() joins the bytes of its rows", () => {
  deepEqual([...joinListing([["01 ff", "a", ""], ["10", "b", "why"]])], [1, 255, 16]);
});

for (const { name, listing, size } of LISTINGS) {
  Deno.test(`the interpreter for ${name} has ${size} bytes`, () => {
    equal(joinListing(listing).length, size);
  });

  Deno.test(`the interpreter for ${name}: every row has bytes, assembly and form`, () => {
    for (const [bytes, assembly] of listing) {
      match(bytes, /^[0-9a-f]{2}( [0-9a-f]{2})*$/);
      match(assembly, /^(\w+: )?[a-z]\S*( .+)?$/);
    }
  });

  Deno.test(`the interpreter for ${name}: every label that is jumped to stands once`, () => {
    const labels = listing.flatMap(([, assembly]) => /^(\w+): /.exec(assembly)?.[1] ?? []);
    equal(new Set(labels).size, labels.length);
    const jumps = listing.map(([, assembly]) => assembly.replace(/^\w+: /, ""))
      .filter((assembly) => /^(j|b|cbz|cbnz|tbnz)/.test(assembly)).map((assembly) =>
        assembly.split(" ").at(-1)!
      );
    ok(jumps.length > 0);
    deepEqual(jumps.filter((label) => !labels.includes(label)), []);
  });
}

Deno.test("the interpreter for x86_64 steps by the stride and starts at the first instruction", () => {
  const assembly = INTERPRETER_X86_64.map((row) => row[1]).join("\n");
  ok(assembly.includes(`add rbx, ${STRIDE}`));
  ok(assembly.startsWith(`mov ebx, 0x${LAYOUT.instructions.toString(16)}`));
  ok(assembly.includes(`mov [0x${LAYOUT.fault.toString(16)}], rbx`));
});
