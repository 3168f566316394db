import { deepEqual, equal, throws } from "node:assert/strict";
import { array, i32, struct, u16, u32, u64, u8 } from "./struct.ts";
import { cloneArgs, nlmsgerr, nlmsghdr, statfs } from "./structs.ts";

const mixed = struct("mixed", { a: u8, b: u32, c: u16, d: u64, e: array(u16, 3) });

Deno.test("struct() aligns each field to its size and the whole to its widest field", () => {
  deepEqual(mixed.offsets, { a: 0, b: 4, c: 8, d: 16, e: 24 });
  equal(mixed.size, 32);
  equal(mixed.offsetOf("d"), 16);
});

Deno.test("encode() leaves out fields and padding as zero", () => {
  const bytes = mixed.encode({ b: 0x01020304, e: [1, 2] });
  equal(bytes.toHex(), "0000000004030201" + "00".repeat(16) + "0100020000000000");
});

Deno.test("decode() reads back what encode() wrote", () => {
  const values = { a: 1, b: 2, c: 3, d: 0xffff_ffff_ffff_ffffn, e: [4, 5, 6] };
  deepEqual(mixed.decode(mixed.encode(values)), values);
});

Deno.test("decode() reads at the view's own offset", () => {
  const bytes = new Uint8Array([9, 9, 9, 9, 7, 0, 0, 0]);
  deepEqual(struct("one", { x: i32 }).decode(bytes.subarray(4)), { x: 7 });
});

Deno.test("struct() nests", () => {
  equal(nlmsgerr.size, 20);
  const bytes = nlmsgerr.encode({ error: -17, msg: { nlmsg_len: 32 } });
  equal(nlmsgerr.decode(bytes).error, -17);
  deepEqual(nlmsgerr.decode(bytes).msg, nlmsghdr.decode(nlmsghdr.encode({ nlmsg_len: 32 })));
});

Deno.test("decode() refuses bytes that are too short", () => {
  throws(() => statfs.decode(new Uint8Array(119)), RangeError);
});

const BAD: readonly { readonly why: string; readonly encode: () => unknown }[] = [
  { why: "a number past its width", encode: () => mixed.encode({ a: 256 }) },
  { why: "a negative number in an unsigned field", encode: () => mixed.encode({ b: -1 }) },
  { why: "a fraction", encode: () => mixed.encode({ c: 1.5 }) },
  { why: "a bigint past 64 bits", encode: () => mixed.encode({ d: 1n << 64n }) },
  { why: "too many elements", encode: () => mixed.encode({ e: [1, 2, 3, 4] }) },
];

for (const { why, encode } of BAD) {
  Deno.test(`encode() refuses ${why}`, () => {
    throws(encode, RangeError);
  });
}

Deno.test("encode() takes known fields of the right kind only", () => {
  // @ts-expect-error: an unknown field
  cloneArgs.encode({ flagz: 1n });
  // @ts-expect-error: a number for a 64-bit field
  throws(() => cloneArgs.encode({ flags: 1 }));
  // @ts-expect-error: a bigint for a narrow field
  throws(() => nlmsghdr.encode({ nlmsg_len: 1n }));
});
