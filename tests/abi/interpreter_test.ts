/** The interpreters of kernel programs: their listings are what an assembler gives, and both machines do the same. */

import { deepEqual, equal } from "node:assert/strict";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { type SyscallName, SYSCALLS } from "../../ffi/constants/syscalls.ts";
import { openExecutable } from "../../ffi/memfd.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { Assembler, type Flow, type Operand } from "../../ffi/program/assembler.ts";
import { buildImage, type Machine } from "../../ffi/program/elf.ts";
import { EVALUATE, instructionAddress, LAYOUT } from "../../ffi/program/instruction.ts";
import { INTERPRETER_AARCH64 } from "../../ffi/program/interpreter_aarch64.ts";
import { INTERPRETER_X86_64 } from "../../ffi/program/interpreter_x86_64.ts";
import { SYSCALL_AARCH64, SYSCALL_X86_64 } from "../../ffi/syscall_code.ts";
import { joinListing, type Listing } from "../../ffi/program/listing.ts";
import type { NeedName } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { compile } from "./compiler.ts";

interface MachineCase {
  readonly machine: Machine;
  readonly listing: Listing;
  /** What stands before the listing for the assembler. */
  readonly preamble: string;
  /** Before the names of the assembler's programs. */
  readonly prefix: string;
  readonly assembler: NeedName;
  /** Runs a program of the machine; none where it is this one. */
  readonly emulator: readonly string[];
  readonly runner: readonly NeedName[];
}

const isForeign = Deno.build.arch !== "aarch64";

/** A program for x86_64 is tested there only; aarch64 has an emulator on the other. */
const MACHINES = ([
  {
    machine: "x86_64",
    listing: INTERPRETER_X86_64,
    preamble: ".intel_syntax noprefix\n",
    prefix: "",
    assembler: "binutils",
    emulator: [],
    runner: [],
  },
  {
    machine: "aarch64",
    listing: INTERPRETER_AARCH64,
    preamble: "",
    prefix: isForeign ? "aarch64-linux-gnu-" : "",
    assembler: isForeign ? "aarch64_binutils" : "binutils",
    emulator: isForeign ? ["qemu-aarch64-static"] : [],
    runner: isForeign ? ["qemu"] : [],
  },
] satisfies MachineCase[]).filter(({ machine }) => machine === "aarch64" || machine === Deno.build.arch);

/** Assembles a listing and gives the bytes of its text section. */
function assemble(listing: Listing, { preamble, prefix }: MachineCase): Uint8Array {
  const folder = Deno.makeTempDirSync();
  try {
    const source = preamble + listing.map(([, assembly]) => `${assembly}\n`).join("");
    Deno.writeTextFileSync(`${folder}/code.s`, source);
    const steps = [
      [`${prefix}as`, "-o", `${folder}/code.o`, `${folder}/code.s`],
      [`${prefix}objcopy`, "-O", "binary", "-j", ".text", `${folder}/code.o`, `${folder}/code`],
    ];
    for (const [tool = "", ...args] of steps) equal(compile(tool, args).messages, "");
    return Deno.readFileSync(`${folder}/code`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const row of MACHINES) {
  Deno.test({
    ...requires(`the interpreter's bytes for ${row.machine} are what as gives`, row.assembler),
    fn() {
      equal(joinListing(row.listing).toHex(), assemble(row.listing, row).toHex());
    },
  });

  Deno.test({
    ...requires(`the bare system call's bytes for ${row.machine} are what as gives`, row.assembler),
    fn() {
      const listing = row.machine === "x86_64" ? SYSCALL_X86_64 : SYSCALL_AARCH64;
      equal(joinListing(listing).toHex(), assemble(listing, row).toHex());
    },
  });
}

/** Writes a program: calls by name, and what it reports on its standard output. */
class Script {
  readonly assembler = new Assembler();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  call(name: SyscallName, args: readonly Operand[], flow: Flow = {}): number {
    return this.assembler.emit(SYSCALLS[name][this.#machine], args, flow);
  }

  /** Writes out `count` words from an address on. */
  report(address: number, count = 1): void {
    this.call("write", [1, address, 8 * count]);
  }

  /** Writes out a number that tells which way the program went. */
  mark(value: number): void {
    this.report(this.assembler.words([value]));
  }

  exit(code: Operand): void {
    this.call("exit_group", [code]);
  }
}

interface Ran {
  readonly code: number;
  readonly words: readonly bigint[];
}

/** Runs a program on a machine or its emulator, and reads the words that it reported. */
function run({ machine, emulator }: MachineCase, write: (script: Script) => void): Ran {
  const script = new Script(machine);
  write(script);
  const image = buildImage(script.assembler.link(), machine);
  using file = unwrap(openExecutable(image, { name: "test", directory: "/tmp" }), "memfd_create");
  // Our number in /proc, not "self": the child has no such descriptor.
  const [program = "", ...args] = [...emulator, `/proc/${Deno.pid}/fd/${file.number}`];
  const { code, stdout, stderr } = new Deno.Command(program, { args }).outputSync();
  equal(new TextDecoder().decode(stderr), "");
  const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const words = Array.from({ length: stdout.length / 8 }, (_, index) => view.getBigInt64(index * 8, true));
  return { code, words };
}

interface Program {
  readonly name: string;
  readonly write: (script: Script) => void;
  readonly code: number;
  readonly words: readonly bigint[];
}

const INT = 0xffffffff;
const MANY = 0x1234_5678_9abc_def0n;

/** Evaluates `(word[0] & mask) + word[1] * factor + addend` for these five, and reports the sum. */
function evaluation(name: string, five: readonly (number | bigint)[], sum: bigint): Program {
  const [first = 0, mask = 0, second = 0, factor = 0, addend = 0] = five;
  return {
    name: `evaluate ${name}`,
    write(script) {
      const { assembler } = script;
      const [words, result] = [assembler.words([first, second]), assembler.reserve(8)];
      assembler.emit(EVALUATE, [words, mask, words + 8, factor, addend], { store: result });
      script.report(result);
      script.exit(0);
    },
    code: 0,
    words: [sum],
  };
}

/** A result of EVALUATE, and which way it goes: 1 error, 2 zero, 3 onward; then the fault words' errno. */
function branch(result: number, way: number): Program {
  return {
    name: `a result of ${result} goes ${["", "where errors go", "where zeros go", "on"][way]}`,
    write(script) {
      const { assembler } = script;
      assembler.result(result, { onError: "error", onZero: "zero" });
      script.mark(3);
      assembler.jump("end");
      assembler.label("error");
      script.mark(1);
      assembler.jump("end");
      assembler.label("zero");
      script.mark(2);
      assembler.label("end");
      script.report(LAYOUT.fault, 2);
      script.exit(0);
    },
    code: 0,
    words: [BigInt(way), ...(way === 1 ? [BigInt(instructionAddress(0)), BigInt(result)] : [0n, 0n])],
  };
}

const PROGRAMS: readonly Program[] = [
  { name: "the exit code", write: (script) => script.exit(42), code: 42, words: [] },
  evaluation("masks", [MANY, 0xff00, 0, 0, 0], 0xde00n),
  evaluation("keeps 64 bits", [MANY, -1, 0, 0, 0], MANY),
  evaluation("multiplies", [0, 0, 6, 7, 0], 42n),
  evaluation("multiplies by a negative factor", [100, -1, 30, -2, 0], 40n),
  evaluation("adds", [0, 0, 0, 0, -5], -5n),
  evaluation("wraps at 64 bits", [-1, -1, 1n << 62n, 4, 3], 2n),
  evaluation("sums all its terms", [0x1ff, 0xf0, 3, 1000, 5], 0xf0n + 3005n),
  branch(-1, 1),
  branch(-4095, 1),
  branch(-4096, 3),
  branch(0, 2),
  branch(1, 3),
  {
    name: "an error and a zero without a place to go go on, and leave the fault words",
    write(script) {
      const result = script.assembler.reserve(8);
      script.call("close", [-1], { store: result });
      script.call("setsid", []);
      script.call("chdir", [script.assembler.string("/")]);
      script.report(result);
      script.report(LAYOUT.fault, 2);
      script.exit(7);
    },
    code: 7,
    words: [BigInt(-ERRNO.EBADF), 0n, 0n],
  },
  {
    name: "a call's error is written down with its instruction, the last one counts",
    write(script) {
      script.call("close", [-1], { onError: "second" });
      script.exit(1);
      script.assembler.label("second");
      script.call("chdir", [script.assembler.string("/none such")], { onError: "end" });
      script.exit(2);
      script.assembler.label("end");
      script.report(LAYOUT.fault, 2);
      script.exit(3);
    },
    code: 3,
    words: [BigInt(instructionAddress(2)), BigInt(-ERRNO.ENOENT)],
  },
  {
    name: "all six arguments of a call arrive, and descriptors are passed on",
    write(script) {
      const { assembler } = script;
      const [from, to, offset, results] = [8, 8, 8, 32].map((size) => assembler.reserve(size));
      const [text, flags] = [assembler.string("hello"), 0x100];
      const [end, start] = [{ address: from!, mask: INT }, { address: to! + 4, mask: INT }];
      script.call("pipe2", [from!, 0]);
      script.call("pipe2", [to!, 0]);
      script.call("write", [{ address: from! + 4, mask: INT }, text, 5]);
      script.call("splice", [end, 0, start, 0, 3, 0], { store: results! });
      script.call("splice", [end, offset!, start, 0, 3, 0], { store: results! + 8 });
      script.call("splice", [end, 0, start, offset!, 3, 0], { store: results! + 16 });
      script.call("splice", [end, 0, start, 0, 3, flags], { store: results! + 24 });
      script.report(results!, 4);
      script.call("read", [{ address: to!, mask: INT }, offset!, 8]);
      script.report(offset!);
      script.exit(0);
    },
    code: 0,
    words: [3n, BigInt(-ERRNO.ESPIPE), BigInt(-ERRNO.ESPIPE), BigInt(-ERRNO.EINVAL), 0x6c6568n],
  },
  {
    name: "a result becomes an argument of a later instruction",
    write(script) {
      const { assembler } = script;
      const pid = assembler.reserve(8);
      script.call("getpid", [], { store: pid });
      script.call("kill", [{ address: pid }, 0], { onZero: "alive" });
      script.exit(1);
      assembler.label("alive");
      script.exit(2);
    },
    code: 2,
    words: [],
  },
  {
    name: "a loop ends",
    write(script) {
      const { assembler } = script;
      const [left, one, sum] = [assembler.words([1000]), assembler.words([1]), assembler.words([0])];
      assembler.label("loop");
      assembler.add(sum, { address: left }, 1);
      assembler.add(left, { address: one }, -1, { onZero: "done" });
      assembler.jump("loop");
      assembler.label("done");
      script.report(sum);
      script.exit({ address: sum, mask: 0xff });
    },
    code: 500_500 & 0xff,
    words: [500_500n],
  },
  {
    name: "words lie at any address",
    write(script) {
      const { assembler } = script;
      const [bytes, result] = [assembler.words([MANY, MANY]), assembler.reserve(16)];
      assembler.copy({ address: bytes + 3 }, result + 5);
      script.report(result, 2);
      script.exit(0);
    },
    code: 0,
    words: [0x56789an << 40n, 0xbc_def0_1234n],
  },
  {
    name: "buffers are zeros and may be written",
    write(script) {
      const { assembler } = script;
      const [far, name] = [assembler.reserve(1 << 20), assembler.string("/proc/self")];
      script.report(far + (1 << 20) - 8);
      script.call("readlinkat", [-100, name, far + 64, 16], { onError: "failed" });
      script.exit(0);
      assembler.label("failed");
      script.exit(1);
    },
    code: 0,
    words: [0n],
  },
];

for (const row of MACHINES) {
  for (const { name, write, code, words } of PROGRAMS) {
    Deno.test({
      ...requires(`program for ${row.machine}: ${name}`, ...row.runner),
      fn() {
        deepEqual(run(row, write), { code, words });
      },
    });
  }
}

Deno.test("buildImage() makes an image for the machine that it is asked for", () => {
  const program = new Assembler().link();
  const machines = (["x86_64", "aarch64"] as const).map((machine) => buildImage(program, machine)[18]);
  deepEqual(machines, [62, 183]);
});
