/**
 * The C library's functions that myctr calls, each bound when it is used for the first time.
 *
 * Deno has two ways to call one. For a function of Deno.dlopen() it compiles a trampoline: 0.2 ms once, 0.1 us per call.
 * A function pointer is called through libffi: nothing once, 1.5 us per call. A short command makes a hundred calls, so
 * the pointer is the rule; {@linkcode compile} is for whoever makes many. All system calls share one row (syscall.ts);
 * what has a row of its own is more than a system call, or runs on another thread.
 * Source: the man page of each function.
 */

const int = "i32";
const long = "i64";
const size = "usize";
const ssize = "isize";
const cstr = "buffer"; // NUL-terminated bytes: see cString()
const bytes = "buffer"; // the callee reads here
const out = "buffer"; // the callee writes here
const ptr = "pointer";

/** Native types of each function. A row with `name` is another view of that symbol. */
export const SYMBOLS = {
  __errno_location: { parameters: [], result: ptr },
  syscall: { parameters: [long, long, long, long, long, long, long], result: long },
  read_nonblocking: { name: "read", parameters: [int, out, size], result: ssize, nonblocking: true },
  flock_nonblocking: { name: "flock", parameters: [int, int], result: int, nonblocking: true },
  posix_spawn: { parameters: [out, cstr, bytes, bytes, bytes, bytes], result: int },
  posix_spawn_file_actions_adddup2: { parameters: [out, int, int], result: int },
  posix_spawn_file_actions_destroy: { parameters: [out], result: int },
  waitpid_nonblocking: { name: "waitpid", parameters: [int, out, int], result: int, nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

export type SymbolName = keyof typeof SYMBOLS;

/**
 * The C prototype of each row: `tests/abi/symbols_test.ts` compares the two. Variadic functions are
 * written with the arguments that are given: x86_64 and aarch64 pass them alike.
 */
export const PROTOTYPES: Readonly<Record<SymbolName, string>> = {
  __errno_location: "int *__errno_location(void)",
  syscall: "long syscall(long number, long a, long b, long c, long d, long e, long f)",
  read_nonblocking: "ssize_t read(int fd, void *buffer, size_t count)",
  flock_nonblocking: "int flock(int fd, int operation)",
  posix_spawn: "int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes, " +
    "char *const argv[], char *const envp[])",
  posix_spawn_file_actions_adddup2: "int posix_spawn_file_actions_adddup2(void *actions, int from, int to)",
  posix_spawn_file_actions_destroy: "int posix_spawn_file_actions_destroy(void *actions)",
  waitpid_nonblocking: "int waitpid(int pid, int *status, int options)",
};

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let errnoCell: Int32Array | undefined;

/** Binds one symbol. The library is never closed: the process uses it to its end. */
function open<Name extends SymbolName>(name: Name): Libc[Name] {
  const row: Deno.ForeignFunction & { readonly name?: string } = SYMBOLS[name];
  const { symbol } =
    Deno.dlopen("libc.so.6", { symbol: { name: row.name ?? name, type: "pointer" } }).symbols;
  if (symbol === null) throw new TypeError(`Cannot find ${name}() in the C library`);
  const pointer = new Deno.UnsafeFnPointer(symbol as Deno.PointerObject<typeof row>, row);
  return pointer.call.bind(pointer) as unknown as Libc[Name];
}

/** Binds a symbol again, with a trampoline: pays after a hundred calls. */
export function compile(name: SymbolName): void {
  const only = { [name]: SYMBOLS[name] };
  Object.defineProperty(libc, name, {
    value: Deno.dlopen("libc.so.6", only).symbols[name],
    enumerable: true,
  });
}

function openErrnoCell(): Int32Array {
  const cell = open("__errno_location")();
  if (cell === null) throw new TypeError("Cannot find errno: __errno_location() gave NULL");
  // SAFETY: the C library gives an int that lives as long as the calling thread, and this module is
  // loaded once for each of Deno's JavaScript threads.
  return new Int32Array(Deno.UnsafePointerView.getArrayBuffer(cell, 4));
}

function bindOnUse(name: SymbolName): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: Libc) {
      // Before the first call: binding makes calls of its own, so that after a failed one errno is gone.
      errnoCell ??= openErrnoCell();
      const value = open(name);
      Object.defineProperty(this, name, { configurable: true, value, enumerable: true });
      return value;
    },
  };
}

/** The C library: `libc.pipe2(fds, flags)`. Results are the C ones; see outcome.ts. */
export const libc: Libc = Object.defineProperties(
  {},
  Object.fromEntries((Object.keys(SYMBOLS) as SymbolName[]).map((name) => [name, bindOnUse(name)])),
) as Libc;

/** Gives errno of this thread: right only in the same expression as the blocking call that failed. */
export function lastErrno(): number {
  return errnoCell?.[0] ?? 0;
}
