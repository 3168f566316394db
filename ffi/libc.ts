/**
 * The C library's functions that myctr calls, each bound when it is used for the first time, and the bare system call.
 *
 * Deno has two ways to call a function. For one of Deno.dlopen() it compiles a trampoline: 0.2 ms once, 0.1 us per call.
 * A function pointer is called through libffi: nothing once, 1.5 us per call. A short command makes a hundred calls, so
 * the pointer is the rule. All system calls share one function (syscall.ts); what has a row here is more than that.
 * Source: the man page of each function.
 */

import { ARCH, syscallNumber } from "./machine.ts";
import { syscallCode } from "./syscall_code.ts";

const int = "i32";
const long = "i64";
const cstr = "buffer"; // NUL-terminated bytes: see cString()
const bytes = "buffer"; // the callee reads here
const out = "buffer"; // the callee writes here
const pointer = "pointer";

/** Native types of each function. None of them tells of its failure by errno, which can't be read in time. */
export const SYMBOLS = {
  localtime_r: { parameters: [bytes, out], result: pointer },
  posix_spawn: { parameters: [out, cstr, bytes, bytes, bytes, bytes], result: int },
  posix_spawn_file_actions_adddup2: { parameters: [out, int, int], result: int },
  posix_spawn_file_actions_destroy: { parameters: [out], result: int },
  syscall: { parameters: [long, long, long, long, long, long, long], result: long },
} as const satisfies Deno.ForeignLibraryInterface;

export type SymbolName = keyof typeof SYMBOLS;

/**
 * The C prototype of each row: `tests/abi/symbols_test.ts` compares the two. Variadic functions are
 * written with the arguments that are given: x86_64 and aarch64 pass them alike.
 */
export const PROTOTYPES: Readonly<Record<SymbolName, string>> = {
  localtime_r: "struct tm *localtime_r(const long *seconds, void *broken)",
  posix_spawn: "int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes, " +
    "char *const argv[], char *const envp[])",
  posix_spawn_file_actions_adddup2: "int posix_spawn_file_actions_adddup2(void *actions, int from, int to)",
  posix_spawn_file_actions_destroy: "int posix_spawn_file_actions_destroy(void *actions)",
  syscall: "long syscall(long number, long a, long b, long c, long d, long e, long f)",
};

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
type Words = [number: bigint, a: bigint, b: bigint, c: bigint, d: bigint, e: bigint, f: bigint];

const ADDRESS = { type: "pointer" } as const;
/** Where the functions are, and no more: one look for all of them costs as much as one for one. */
const ADDRESSES = {
  localtime_r: ADDRESS,
  posix_spawn: ADDRESS,
  posix_spawn_file_actions_adddup2: ADDRESS,
  posix_spawn_file_actions_destroy: ADDRESS,
  syscall: ADDRESS,
} as const satisfies Readonly<Record<SymbolName, typeof ADDRESS>>;

let addresses: Deno.DynamicLibrary<typeof ADDRESSES>["symbols"] | undefined;

/** Binds one symbol. The library is never closed: the process uses it to its end. */
function open<Name extends SymbolName>(name: Name): Libc[Name] {
  const row: Deno.ForeignFunction = SYMBOLS[name];
  addresses ??= Deno.dlopen("libc.so.6", ADDRESSES).symbols;
  const address = addresses[name];
  if (address === null) throw new TypeError(`Cannot find ${name}() in the C library`);
  const pointer = new Deno.UnsafeFnPointer(address as Deno.PointerObject<typeof row>, row);
  return pointer.call.bind(pointer) as unknown as Libc[Name];
}

function bindOnUse(name: SymbolName): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: Libc) {
      const value = open(name);
      Object.defineProperty(this, name, { value, enumerable: true });
      return value;
    },
  };
}

/** The C library: `libc.posix_spawn(…)`. Results are the C ones. */
export const libc: Libc = Object.defineProperties(
  {},
  Object.fromEntries((Object.keys(SYMBOLS) as SymbolName[]).map((name) => [name, bindOnUse(name)])),
) as Libc;

const PAGE_SIZE = 4096n;
const PROT_READ_WRITE = 3n;
const PROT_READ_EXEC = 5n;
const MAP_PRIVATE_ANONYMOUS = 0x22n;

let code: Deno.PointerObject | undefined;

/** Gives the code of the bare system call, in memory that is written first and executable only afterwards. */
function codeInMemory(): Deno.PointerObject {
  if (code !== undefined) return code;
  const page = libc.syscall(
    syscallNumber("mmap"),
    0n,
    PAGE_SIZE,
    PROT_READ_WRITE,
    MAP_PRIVATE_ANONYMOUS,
    -1n,
    0n,
  );
  const pointer = page === -1n ? null : Deno.UnsafePointer.create(page);
  if (pointer === null) throw new TypeError("Cannot map memory for machine code");
  const bytes = syscallCode(ARCH);
  // SAFETY: the page is ours, larger than the code, and never unmapped.
  new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, bytes.length)).set(bytes);
  if (libc.syscall(syscallNumber("mprotect"), page, PAGE_SIZE, PROT_READ_EXEC, 0n, 0n, 0n) !== 0n) {
    throw new TypeError("Cannot make memory executable: a security module forbids it");
  }
  return code = pointer;
}

const CALL = { parameters: [long, long, long, long, long, long, long], result: long } as const;
const CALL_ELSEWHERE = { ...CALL, nonblocking: true } as const;

let here: Deno.UnsafeFnPointer<typeof CALL> | undefined;
let elsewhere: Deno.UnsafeFnPointer<typeof CALL_ELSEWHERE> | undefined;

/** Makes a system call; gives its result, or its errno as a negative number. */
export function rawSyscall(...words: Words): bigint {
  here ??= new Deno.UnsafeFnPointer(codeInMemory() as Deno.PointerObject<typeof CALL>, CALL);
  return here.call(...words);
}

/** The same on another thread. */
export function rawSyscallElsewhere(...words: Words): Promise<bigint> {
  elsewhere ??= new Deno.UnsafeFnPointer(
    codeInMemory() as Deno.PointerObject<typeof CALL_ELSEWHERE>,
    CALL_ELSEWHERE,
  );
  return elsewhere.call(...words);
}
