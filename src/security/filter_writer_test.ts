import { deepEqual, equal, throws } from "node:assert/strict";
import { BPF_MAXINSNS } from "../../ffi/constants/seccomp.ts";
import { Simulator } from "../../tests/seccomp/simulator.ts";
import { FilterWriter } from "./filter_writer.ts";

const CALL = { auditArch: 0, args: [] };

/** Runs a program for some numbers. */
function run(writer: FilterWriter, ...numbers: readonly number[]): number[] {
  const simulator = new Simulator(writer.finish());
  return numbers.map((number) => simulator.run({ ...CALL, number }));
}

Deno.test("finish() gives the bytes of struct sock_filter", () => {
  const writer = new FilterWriter();
  const [no, yes] = [writer.verdict(0x7fff0000), writer.verdict(0x50001)];
  writer.compare("JGE", 5, { onTrue: yes, onFalse: no });
  writer.load(0);
  const wanted = "2000000000000000" + "3500000105000000" + "0600000001000500" + "060000000000ff7f";
  equal(writer.finish().toHex(), wanted);
});

Deno.test("verdict() is written once as long as a jump reaches it", () => {
  const writer = new FilterWriter();
  equal(writer.verdict(1), writer.verdict(1));
  for (let count = 0; count < 255; count++) writer.load(0);
  equal(writer.verdict(1), 0);
  writer.load(0);
  equal(writer.verdict(1), 257);
});

Deno.test("compare() with one way for both writes nothing", () => {
  const writer = new FilterWriter();
  const place = writer.verdict(1);
  equal(writer.compare("JEQ", 3, { onTrue: place, onFalse: place }), place);
  equal(writer.finish().length, 8);
});

const FAR = [253, 254, 255, 256, 257, 600] as const;

for (const count of FAR) {
  Deno.test(`compare() reaches two verdicts behind ${count} instructions`, () => {
    const writer = new FilterWriter();
    const [first, second] = [writer.verdict(1), writer.verdict(2)];
    for (let index = 0; index < count; index++) writer.and(0xff);
    writer.compare("JEQ", 7, { onTrue: first, onFalse: second });
    writer.load(0);
    deepEqual(run(writer, 7, 8), [1, 2]);
  });

  Deno.test(`compare() reaches two tests behind ${count} instructions`, () => {
    const writer = new FilterWriter();
    const verdicts = { onTrue: writer.verdict(1), onFalse: writer.verdict(2) };
    const first = writer.compare("JGT", 10, verdicts);
    const second = writer.compare("JGT", 20, verdicts);
    for (let index = 0; index < count; index++) writer.and(0xff);
    writer.compare("JGE", 15, { onTrue: second, onFalse: first });
    writer.load(0);
    deepEqual(run(writer, 5, 11, 15, 20, 21), [2, 1, 2, 2, 1]);
  });

  Deno.test(`goTo() leads to a test and to a verdict behind ${count} instructions`, () => {
    for (const isVerdict of [true, false]) {
      const writer = new FilterWriter();
      const [yes, no] = [writer.verdict(1), writer.verdict(2)];
      const test = writer.compare("JEQ", 3, { onTrue: yes, onFalse: no });
      for (let index = 0; index < count; index++) writer.and(0xff);
      writer.goTo(isVerdict ? no : test);
      writer.load(0);
      deepEqual(run(writer, 3, 4), isVerdict ? [2, 2] : [1, 2]);
    }
  });
}

Deno.test("goTo() writes nothing before what was written last", () => {
  const writer = new FilterWriter();
  writer.goTo(writer.verdict(1));
  equal(writer.finish().length, 8);
});

Deno.test("finish() refuses a program that is longer than the kernel takes", () => {
  const writer = new FilterWriter();
  writer.verdict(1);
  for (let count = 1; count < BPF_MAXINSNS; count++) writer.load(0);
  equal(writer.finish().length, 8 * BPF_MAXINSNS);
  writer.load(0);
  throws(() => writer.finish(), {
    code: "unsupported",
    message: /of 4097 instructions: the kernel takes 4096/,
  });
});
