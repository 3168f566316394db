/**
 * The C library's functions that myctr calls, each bound when it is used for the first time.
 *
 * Binding one costs about 50 microseconds, since Deno compiles a trampoline for it: a table that is
 * bound whole would cost more than the calls of a short command.
 * Source: the man page of each function; openat2 and the pidfd calls have no wrapper in older C libraries.
 */

const int = "i32";
const uint = "u32";
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
  close: { parameters: [int], result: int },
  pipe2: { parameters: [out, int], result: int },
  read: { parameters: [int, out, size], result: ssize },
  read_nonblocking: { name: "read", parameters: [int, out, size], result: ssize, nonblocking: true },
  write: { parameters: [int, bytes, size], result: ssize },
  openat: { parameters: [int, cstr, int, uint], result: int },
  openat2: { name: "syscall", parameters: [long, int, cstr, bytes, size], result: long },
  statx: { parameters: [int, cstr, int, uint, out], result: int },
  fstatfs: { parameters: [int, out], result: int },
  fchmod: { parameters: [int, uint], result: int },
  ftruncate: { parameters: [int, long], result: int },
  flock: { parameters: [int, int], result: int },
  flock_nonblocking: { name: "flock", parameters: [int, int], result: int, nonblocking: true },
  fcntl: { parameters: [int, int, int], result: int },
  memfd_create: { parameters: [cstr, uint], result: int },
  posix_spawn: { parameters: [out, cstr, bytes, bytes, bytes, bytes], result: int },
  posix_spawn_file_actions_adddup2: { parameters: [out, int, int], result: int },
  posix_spawn_file_actions_destroy: { parameters: [out], result: int },
  waitpid: { parameters: [int, out, int], result: int },
  waitpid_nonblocking: { name: "waitpid", parameters: [int, out, int], result: int, nonblocking: true },
  kill: { parameters: [int, int], result: int },
  pidfd_open: { name: "syscall", parameters: [long, int, uint], result: long },
  pidfd_send_signal: { name: "syscall", parameters: [long, int, int, out, uint], result: long },
  prlimit: { parameters: [int, int, bytes, out], result: int },
  umask: { parameters: [uint], result: uint },
} as const satisfies Deno.ForeignLibraryInterface;

export type SymbolName = keyof typeof SYMBOLS;

/**
 * The C prototype of each row: `tests/abi/symbols_test.ts` compares the two. Variadic functions are
 * written with the arguments that are given: x86_64 and aarch64 pass them alike.
 */
export const PROTOTYPES: Readonly<Record<SymbolName, string>> = {
  __errno_location: "int *__errno_location(void)",
  close: "int close(int fd)",
  pipe2: "int pipe2(int *fds, int flags)",
  read: "ssize_t read(int fd, void *buffer, size_t count)",
  read_nonblocking: "ssize_t read(int fd, void *buffer, size_t count)",
  write: "ssize_t write(int fd, const void *buffer, size_t count)",
  openat: "int openat(int dirfd, const char *path, int flags, unsigned int mode)",
  openat2: "long syscall(long number, int dirfd, const char *path, const void *how, size_t size)",
  statx: "int statx(int dirfd, const char *path, int flags, unsigned int mask, void *statx)",
  fstatfs: "int fstatfs(int fd, void *statfs)",
  fchmod: "int fchmod(int fd, unsigned int mode)",
  ftruncate: "int ftruncate(int fd, long length)",
  flock: "int flock(int fd, int operation)",
  flock_nonblocking: "int flock(int fd, int operation)",
  fcntl: "int fcntl(int fd, int command, int argument)",
  memfd_create: "int memfd_create(const char *name, unsigned int flags)",
  posix_spawn: "int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes, " +
    "char *const argv[], char *const envp[])",
  posix_spawn_file_actions_adddup2: "int posix_spawn_file_actions_adddup2(void *actions, int from, int to)",
  posix_spawn_file_actions_destroy: "int posix_spawn_file_actions_destroy(void *actions)",
  waitpid: "int waitpid(int pid, int *status, int options)",
  waitpid_nonblocking: "int waitpid(int pid, int *status, int options)",
  kill: "int kill(int pid, int signal)",
  pidfd_open: "long syscall(long number, int pid, unsigned int flags)",
  pidfd_send_signal: "long syscall(long number, int pidfd, int signal, void *info, unsigned int flags)",
  prlimit: "int prlimit(int pid, int resource, const void *new_limit, void *old_limit)",
  umask: "unsigned int umask(unsigned int mask)",
};

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let errnoCell: Int32Array | undefined;

/** Binds one symbol. The library is never closed: the process uses it to its end. */
function open<Name extends SymbolName>(name: Name): Libc[Name] {
  const only = { [name]: SYMBOLS[name] } as Pick<typeof SYMBOLS, Name>;
  return (Deno.dlopen("libc.so.6", only).symbols as Libc)[name];
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
      Object.defineProperty(this, name, { value, enumerable: true });
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
