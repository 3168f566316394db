import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { requires } from "../../tests/setup/requirements.ts";
import {
  DT,
  EHDR,
  type ElfFile,
  fileOffset,
  findGotEntry,
  getNumber,
  listDynamic,
  parseElf,
  PT_GNU_STACK,
  R_X86_64,
  RELA_SIZE,
} from "./elf.ts";
import { BASE, prelink } from "./prelink.ts";

const deno = Deno.build.arch === "x86_64" ? Deno.readFileSync(Deno.execPath()) : undefined;
const original = deno === undefined ? undefined : parseElf(deno);

function test(name: string, fn: (elf: ElfFile, moved: ElfFile) => void): void {
  Deno.test({
    name: `prelink() ${name}`,
    ignore: original === undefined,
    fn: () => fn(original!, parseElf(prelink(deno!))),
  });
}

function dynamicOf(elf: ElfFile): (tag: number) => number {
  const entries = new Map(listDynamic(elf).map(({ tag, value }) => [tag, value]));
  return (tag) => entries.get(tag) ?? 0;
}

test("moves every segment but the stack's, and the entry point", (elf, moved) => {
  const by = moved.segments.map(({ address }, index) => address - elf.segments[index]!.address);
  deepEqual(by, elf.segments.map(({ type }) => type === PT_GNU_STACK ? 0 : BASE));
  equal(moved.entry, elf.entry + BASE);
  equal(moved.view.getUint16(EHDR.type, true), 2); // ET_EXEC
});

test("writes the word of each relative relocation into the file", (elf, moved) => {
  const dynamic = dynamicOf(elf);
  const start = fileOffset(elf.segments, dynamic(DT.rela));
  const end = start + dynamic(DT.relacount) * RELA_SIZE;
  notEqual(start, end);
  for (let at = start; at < end; at += RELA_SIZE) {
    const place = fileOffset(elf.segments, getNumber(elf.view, at));
    equal(getNumber(moved.view, place), getNumber(elf.view, at + 16) + BASE);
  }
});

test("leaves relocations that name a symbol, and no others, to the dynamic linker", (elf, moved) => {
  const [before, after] = [dynamicOf(elf), dynamicOf(moved)];
  equal(after(DT.relacount), 0);
  equal(after(DT.relasz), before(DT.relasz) - before(DT.relacount) * RELA_SIZE);
  equal(after(DT.rela), before(DT.rela) + before(DT.relacount) * RELA_SIZE + BASE);
  equal(findGotEntry(moved, "environ"), findGotEntry(elf, "environ") + BASE);
});

/** What must be known, made strange in a copy of deno; "unsupported" leaves the binary as it is. */
const STRANGE: readonly {
  readonly name: string;
  readonly change: (elf: ElfFile) => void;
  readonly message: RegExp;
}[] = [
  {
    name: "an entry of the dynamic section",
    change: ({ view, ...elf }) => view.setBigUint64(listDynamic({ view, ...elf })[0]!.offset, 36n, true), // DT_RELR
    message: /dynamic entry 0x24$/,
  },
  {
    name: "a type of relocation",
    change: (elf) => elf.view.setUint32(fileOffset(elf.segments, dynamicOf(elf)(DT.jmprel)) + 8, 37, true), // IRELATIVE
    message: /relocation type 37, symbol \d+$/,
  },
  {
    name: "a relocation without a symbol",
    change: (elf) => elf.view.setUint32(fileOffset(elf.segments, dynamicOf(elf)(DT.jmprel)) + 12, 0, true),
    message: /relocation type 7, symbol 0$/,
  },
  {
    name: "another relocation among the relative ones",
    change: (elf) =>
      elf.view.setUint32(fileOffset(elf.segments, dynamicOf(elf)(DT.rela)) + 8, R_X86_64.globDat, true),
    message: /DT_RELACOUNT counts relocation type 6$/,
  },
  {
    name: "no section headers",
    change: ({ view }) => view.setUint16(EHDR.shnum, 0, true),
    message: /0 sections with dynamic symbols$/,
  },
  {
    name: "an address of its own",
    change: ({ view }) => view.setUint16(EHDR.type, 2, true),
    message: /it has an address already$/,
  },
];

for (const { name, change, message } of STRANGE) {
  test(`refuses ${name}`, () => {
    const bytes = Uint8Array.from(deno!);
    change(parseElf(bytes));
    throws(() => prelink(bytes), { code: "unsupported", message });
  });
}

/** Uses whatever depends on addresses: tables, constructors, libc's data, thread-local data, unwinding, its own symbols. */
const C_PROGRAM = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int one(void) { return 1; }
static int two(void) { return 2; }
static int (*const table[])(void) = { one, two };
static const char *const names[] = { "tables", "thread", "frames" };
static void *(*volatile allocate)(size_t) = malloc;
static __thread int local = 7;
static int built;
int exported = 5;
__attribute__((constructor)) static void build(void) { built = 3; }
static void *thread(void *unused) { (void)unused; local++; return (void *)(long)local; }
__attribute__((noinline)) static int frames(void) { void *at[9]; return backtrace(at, 9); }
int main(int argc, char **argv) {
  pthread_t id;
  void *result;
  pthread_create(&id, 0, thread, 0);
  pthread_join(id, &result);
  fprintf(stdout, "%s %d %d ", names[0], table[0]() + table[argc > 0](), built);
  fprintf(stdout, "%s %d %ld ", names[1], local, (long)result);
  fprintf(stdout, "%s %d ", names[2], frames() > 2);
  fprintf(stdout, "%d %d ", *(int *)dlsym(RTLD_DEFAULT, "exported"), environ[0] != 0 && allocate(1) != 0);
  fprintf(stdout, "%d\\n", (unsigned long)&exported >> 28 == 1);
  fflush(stdout);
  if (argc == 1) execl(argv[0], argv[0], "again", (char *)0);
}
`;

for (const flags of [["-Wl,-z,now"], ["-Wl,-z,lazy"], ["-O2", "-Wl,-z,norelro"]]) {
  Deno.test({
    ...requires(`prelink() leaves a C program what it is: ${flags.join(" ")}`, "gcc"),
    fn() {
      const folder = Deno.makeTempDirSync();
      const [source, program] = [`${folder}/a.c`, `${folder}/a`];
      Deno.writeTextFileSync(source, C_PROGRAM);
      const options = ["-fPIE", "-pie", "-rdynamic", ...flags];
      run("gcc", ...options, "-o", program, source);
      const before = run(program);
      Deno.writeFileSync(program, prelink(Deno.readFileSync(program)));
      const after = run(program);
      Deno.removeSync(folder, { recursive: true });
      const facts = "tables 3 3 thread 7 8 frames 1 5 1";
      deepEqual({ before, after }, { before: `${facts} 0\n`.repeat(2), after: `${facts} 1\n`.repeat(2) });
    },
  });
}

function run(program: string, ...args: string[]): string {
  const { stdout, stderr } = new Deno.Command(program, { args }).outputSync();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}
