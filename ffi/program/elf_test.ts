/** Tests of buildImage(): its headers by elf(5) and by readelf(1), and the image really executed from a file. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../../tests/setup/requirements.ts";
import { SYSCALLS } from "../constants/syscalls.ts";
import { Assembler } from "./assembler.ts";
import { buildImage, type Machine } from "./elf.ts";
import { LAYOUT, type Program } from "./instruction.ts";

const MACHINES: readonly Machine[] = ["x86_64", "aarch64"];
const PF = { X: 1, W: 2, R: 4 } as const;
const PT = { LOAD: 1, GNU_STACK: 0x6474e551 } as const;

/** Writes "hi" three times, or ends with an error on the way, then ends with 7. */
function tinyProgram(machine: Machine): Program {
  const number = (name: keyof typeof SYSCALLS) => SYSCALLS[name][machine];
  const a = new Assembler();
  const [left, one] = [a.words([3]), a.words([1])];
  a.emit(number("close"), [-1], { onError: "loop" });
  a.emit(number("exit_group"), [1]);
  a.label("loop");
  a.emit(number("write"), [1, a.string("hi\n"), 3]);
  a.add(left, { address: one }, -1, { onZero: "done" });
  a.jump("loop");
  a.label("done");
  const status = a.reserve(8);
  a.result(7, { store: status });
  a.emit(number("exit_group"), [{ address: status }]);
  return a.link();
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** Reads the program headers. Source: elf(5), Elf64_Phdr. */
function segmentsOf(image: Uint8Array<ArrayBuffer>): Segment[] {
  const view = new DataView(image.buffer);
  const word = (at: number) => Number(view.getBigUint64(at, true));
  return Array.from({ length: view.getUint16(56, true) }, (_, index) => {
    const at = word(32) + index * view.getUint16(54, true);
    return {
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: word(at + 8),
      address: word(at + 16),
      fileSize: word(at + 32),
      memorySize: word(at + 40),
      align: word(at + 48),
    };
  });
}

for (const machine of MACHINES) {
  const image = buildImage(tinyProgram(machine), machine);
  const segments = segmentsOf(image);
  const loads = segments.filter(({ type }) => type === PT.LOAD);

  Deno.test(`buildImage() for ${machine}: no memory is both writable and executable`, () => {
    deepEqual(segments.filter(({ flags }) => (flags & PF.W) !== 0 && (flags & PF.X) !== 0), []);
  });

  Deno.test(`buildImage() for ${machine}: the stack is not executable, and its header says so`, () => {
    deepEqual(segments.filter(({ type }) => type === PT.GNU_STACK).map(({ flags }) => flags), [PF.R | PF.W]);
  });

  Deno.test(`buildImage() for ${machine}: code, instructions, data and buffers lie where the program expects`, () => {
    deepEqual(
      loads.map(({ address, flags }) => [address, flags]),
      [
        [LAYOUT.code, PF.R | PF.X],
        [LAYOUT.fault, PF.R | PF.W],
        [LAYOUT.data, PF.R | PF.W],
        [LAYOUT.buffers, PF.R | PF.W],
      ],
    );
  });

  Deno.test(`buildImage() for ${machine}: file offsets and addresses agree below the page, and nothing overlaps`, () => {
    for (const { offset, address, align, fileSize, memorySize } of loads) {
      ok(fileSize === 0 || offset % align === address % align);
      ok(offset + fileSize <= image.length && memorySize >= fileSize);
    }
    const ends = loads.slice(0, -1).map(({ address, memorySize }, index) =>
      address + memorySize <= loads[index + 1]!.address
    );
    deepEqual(ends, [true, true, true]);
  });

  Deno.test(`buildImage() for ${machine}: it starts in the code`, () => {
    const [code] = loads;
    const entry = Number(new DataView(image.buffer).getBigUint64(24, true));
    ok(entry > code!.address && entry < code!.address + code!.memorySize);
  });

  Deno.test({
    ...requires(`buildImage() for ${machine}: readelf reads it without a complaint`, "binutils"),
    fn() {
      const { stdout, stderr } = withFile(
        image,
        (path) => new Deno.Command("readelf", { args: ["-Wlh", path], env: { LC_ALL: "C" } }).outputSync(),
      );
      const text = new TextDecoder().decode(stdout);
      equal(new TextDecoder().decode(stderr), "");
      match(text, /Type: +EXEC/);
      match(text, /GNU_STACK .* RW +0x/);
      equal(/ RWE /.test(text), false);
    },
  });
}

/** Gives the path of an executable file with these bytes, for as long as `use` takes. */
function withFile<Result>(bytes: Uint8Array, use: (path: string) => Result): Result {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeFileSync(`${folder}/bytes`, bytes, { mode: 0o700 });
    // Another process writes the file: a child of another test could hold ours open, and execve fail with ETXTBSY.
    new Deno.Command("cp", { args: ["-p", `${folder}/bytes`, `${folder}/program`] }).outputSync();
    return use(`${folder}/program`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test({
  name: "buildImage(): a file of it can be executed: it loops, branches, evaluates and ends with its code",
  ignore: !MACHINES.includes(Deno.build.arch),
  fn() {
    const image = buildImage(tinyProgram(Deno.build.arch), Deno.build.arch);
    const { code, stdout } = withFile(image, (path) => new Deno.Command(path).outputSync());
    deepEqual({ code, text: new TextDecoder().decode(stdout) }, { code: 7, text: "hi\nhi\nhi\n" });
  },
});

Deno.test("buildImage() leaves out data and buffers that a program has not", () => {
  const a = new Assembler();
  a.emit(SYSCALLS.exit_group.x86_64, [0]);
  const loads = segmentsOf(buildImage(a.link())).filter(({ type }) => type === PT.LOAD);
  deepEqual(loads.map(({ address }) => address), [LAYOUT.code, LAYOUT.fault]);
});

Deno.test("buildImage() takes no room in the file for buffers", () => {
  const [small, large] = [8, 1 << 24].map((size) => {
    const a = new Assembler();
    a.reserve(size);
    return buildImage(a.link()).length;
  });
  equal(large, small);
});
