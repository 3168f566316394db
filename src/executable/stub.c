/*
 * The first code of dist/myctr: it runs inside a copy of the deno binary, after the dynamic linker and before deno's
 * own entry point, and makes a plain `deno` into myctr. See inject_stub.ts for how it gets into the file.
 *
 *   1. It chooses a program by the first word of the command line, and copies its JavaScript, which lies behind this
 *      code, into a sealed memfd.
 *   2. It makes a new argument list: the program's arguments for deno, /proc/self/fd/N, then the caller's arguments.
 *   3. It makes a new environment: without what could change deno's behaviour, with a DENO_DIR of this very user.
 *   4. It puts both where deno's start code looks for them, and jumps there.
 *
 * The caller's own strings are left as they are, so that /proc/self/environ and /proc/self/cmdline still show them:
 * caller_env.ts reads the caller's true environment there.
 *
 * Rules of this file: no libc, no writable data (the segment is mapped R-X), nothing that needs a relocation.
 * `deno task stub` compiles it into stub_code.ts.
 */

typedef unsigned long u64;
typedef long i64;
typedef unsigned int u32;

/*
 * Written by inject_stub.ts, which has the same lists of words. Places are counted from the header's own first byte. A
 * list is NUL-terminated strings, one after the other.
 */
struct header {
  i64 entry;           /* deno's own entry point */
  i64 environ_slot;    /* the word in deno's GOT that holds the address of libc's `environ` */
  i64 programs;        /* the programs, one after the other: the last one is for every other command line */
  u64 program_count;
  i64 removed;         /* beginnings of variables that deno must not see, such as "DENO_" */
  u64 removed_count;
  i64 added;           /* "NAME=value" that deno must see */
  u64 added_count;
  u64 reserved[8];
};

struct program {
  i64 words;           /* the first words of a command line that choose it */
  u64 word_count;
  i64 bytes;           /* its JavaScript */
  u64 size;
  u64 fd;              /* the descriptor that it gets if that is free: deno's code cache goes by the path */
  i64 arguments;       /* argv[0] and deno's arguments */
  u64 argument_count;
  i64 cache;           /* the name of its directory in the cache */
};
extern const struct header header;
__asm__(".section .header, \"a\"\nheader: .zero 128\n"); /* in assembly, so that gcc does not take it for zeros */

/* What the last lines of this file, in assembly, need in order to hand over to deno. */
struct start {
  u64 entry;
  u64 *words;          /* argc, argv, NULL, envp, NULL, auxv: what the kernel lays on a new stack */
  u64 count;
  u64 *stack;          /* where the words go */
};

/* ---- System calls: numbers from arch/x86/entry/syscalls/syscall_64.tbl, flags from include/uapi/linux ---- */

enum {
  SYS_write = 1, SYS_close = 3, SYS_stat = 4, SYS_lstat = 6, SYS_mmap = 9, SYS_access = 21, SYS_fcntl = 72,
  SYS_getcwd = 79, SYS_mkdir = 83, SYS_geteuid = 107, SYS_prctl = 157, SYS_exit_group = 231, SYS_memfd_create = 319,
};
enum { MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_NOEXEC_SEAL = 8 };
enum { F_ADD_SEALS = 1033, F_SEAL_ALL = 1 | 2 | 4 | 8, F_DUPFD_CLOEXEC = 1030 };
enum { PROT_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS = 0x22, R_OK = 4, PR_SET_NAME = 15 };
enum { S_IFMT = 0170000, S_IFDIR = 0040000 };
enum { ENOENT = 2, EINTR = 4 };
enum { PATH_MAX = 4096 };

static i64 call(i64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
  i64 result;
  register u64 r10 __asm__("r10") = d;
  register u64 r8 __asm__("r8") = e;
  register u64 r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#define CALL(number, a, b, c) call(number, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)

/* ---- Text ---- */

static u64 length(const char *text) {
  u64 count = 0;
  while (text[count]) count++;
  return count;
}

/* Says whether a text begins with `beginning`, or with `whole` set, is just that. */
static int matches(const char *text, const char *beginning, int whole) {
  while (*beginning) if (*text++ != *beginning++) return 0;
  return !whole || !*text;
}

/* Copies a text to `at` and returns the place of its final NUL. */
static char *append(char *at, const char *text) {
  while ((*at = *text++)) at++;
  return at;
}

static char *append_number(char *at, u64 number) {
  if (number >= 10) at = append_number(at, number / 10);
  *at++ = '0' + number % 10;
  *at = 0;
  return at;
}

/* The string after this one in a list. */
static const char *next(const char *text) { return text + length(text) + 1; }

static const void *at_place(i64 place) { return (const char *)&header + place; }

/* Says whether a text begins with one of a list, or with `whole` set, is one of it. */
static int is_listed(const char *text, i64 place, u64 count, int whole) {
  const char *each = at_place(place);
  for (; count; count--, each = next(each)) if (matches(text, each, whole)) return 1;
  return 0;
}

static void stop(const char *message) {
  CALL(SYS_write, 2, message, length(message));
  CALL(SYS_exit_group, 125, 0, 0); /* docker's code for "the runtime itself failed" */
}

/* ---- 1. The program ---- */

static const struct program *choose_program(u64 argc, char **argv) {
  const struct program *program = at_place(header.programs), *last = program + header.program_count - 1;
  if (argc < 2) return last;
  while (program < last && !is_listed(argv[1], program->words, program->word_count, 1)) program++;
  return program;
}

static i64 make_program_file(const struct program *program) {
  const char *bytes = at_place(program->bytes);
  u64 left = program->size;
  /* MFD_NOEXEC_SEAL (Linux 6.3) is needed where vm.memfd_noexec is 2; older kernels do not know it. */
  i64 fd = CALL(SYS_memfd_create, "myctr", MFD_CLOEXEC | MFD_NOEXEC_SEAL, 0);
  if (fd < 0) fd = CALL(SYS_memfd_create, "myctr", MFD_CLOEXEC | MFD_ALLOW_SEALING, 0);
  if (fd < 0) stop("myctr: Cannot make a file in memory: memfd_create failed\n");
  while (left) {
    i64 written = CALL(SYS_write, fd, bytes, left);
    if (written == -EINTR) continue;
    if (written <= 0) stop("myctr: Cannot make a file in memory: write failed\n");
    bytes += written;
    left -= written;
  }
  CALL(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_ALL);
  /* Under a low `ulimit -n` the wished number does not exist; 3 keeps clear of closed standard streams. */
  i64 moved = CALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, program->fd);
  if (moved < 0) moved = CALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  if (moved < 0) stop("myctr: Cannot duplicate a descriptor: too many are open\n");
  CALL(SYS_close, fd, 0, 0);
  return moved;
}

/* ---- 3. The cache directory: it will hold code that V8 executes, so it must be this user's and nobody else's ---- */

/* The fields of stat(2)'s struct that are asked for: x86_64 layout, include/uapi/asm/stat.h. */
struct file_facts { u64 device, inode, links; u32 mode, uid, gid, padding; u64 rest[13]; };

/* $HOME and $XDG_CACHE_HOME may be another user's under sudo. */
static int is_own(const char *path) {
  struct file_facts facts;
  return CALL(SYS_stat, path, &facts, 0) == 0 && facts.uid == CALL(SYS_geteuid, 0, 0, 0);
}

/* Not a link, and nobody else may write: a prepared directory in a place like /tmp is refused. */
static int is_private_directory(const char *path) {
  struct file_facts facts;
  return CALL(SYS_lstat, path, &facts, 0) == 0 && (facts.mode & S_IFMT) == S_IFDIR && !(facts.mode & 022) &&
         facts.uid == CALL(SYS_geteuid, 0, 0, 0);
}

static void make_missing(const char *path) {
  if (CALL(SYS_access, path, 0, 0) < 0) CALL(SYS_mkdir, path, 0700, 0);
}

/*
 * Writes "DENO_DIR=<base><middle>/myctr/<name>" to `at` and says whether that directory is fit for use: in a private
 * directory only its owner can have made it.
 */
static int try_cache(char *at, const char *base, const char *middle, const char *name) {
  char *path = append(at, "DENO_DIR=");
  if (!base || *base != '/' || !is_own(base)) return 0;
  char *end = append(append(path, base), middle);
  make_missing(path);
  end = append(end, "/myctr");
  make_missing(path);
  if (!is_private_directory(path)) return 0;
  append(append(end, "/"), name);
  make_missing(path);
  return 1;
}

static const char *variable(char **environment, const char *name) {
  for (; *environment; environment++) if (matches(*environment, name, 0)) return *environment + length(name);
  return 0;
}

static void choose_cache(char *at, char **environment, const char *name) {
  const char *xdg = variable(environment, "XDG_CACHE_HOME="), *home = variable(environment, "HOME=");
  if (CALL(SYS_geteuid, 0, 0, 0) == 0 && try_cache(at, "/var/cache", "", name)) return;
  if (xdg && *xdg == '/') make_missing(xdg);
  if (try_cache(at, xdg, "", name)) return;
  if (try_cache(at, home, "/.cache", name)) return;
  append(at, "DENO_DIR=/proc/none"); /* nothing can be made there: deno runs without a cache, a little slower */
}

/* ---- 2. and 3.: the words of the new stack ---- */

static u64 *add_strings(u64 *at, i64 place, u64 count) {
  const char *text = at_place(place);
  for (; count; count--, text = next(text)) *at++ = (u64)text;
  return at;
}

/* Memory for the words and for the two new strings, which stay until the process ends. */
static char *reserve(u64 size) {
  i64 memory = call(SYS_mmap, 0, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  if (memory < 0 && memory > -4096) stop("myctr: Cannot start: out of memory\n");
  return (char *)memory;
}

/* Deno needs both, and would say so in its own words and with exit code 1. */
static void check_surroundings(const char *script) {
  char directory[PATH_MAX];
  if (CALL(SYS_access, script, R_OK, 0) < 0) stop("myctr: Cannot read /proc/self/fd: mount /proc\n");
  if (CALL(SYS_getcwd, directory, PATH_MAX, 0) == -ENOENT) stop("myctr: Cannot read the working directory: it is gone\n");
}

__attribute__((used)) void prepare(u64 *stack, struct start *start) {
  u64 argc = stack[0];
  char **argv = (char **)(stack + 1), **environment = argv + argc + 1;
  u64 variables = 0, auxiliary = 0, paths = 0;
  while (environment[variables]) paths += length(environment[variables++]);
  u64 *auxv = (u64 *)(environment + variables + 1);
  while (auxv[auxiliary]) auxiliary += 2; /* pairs up to AT_NULL */
  auxiliary += 2;

  const struct program *program = choose_program(argc, argv);
  const char *name = at_place(program->cache);
  u64 most = 1 + program->argument_count + 1 + argc + 1 + header.added_count + 1 + variables + 1 + auxiliary;
  u64 room = paths + length(name) + 64;
  char *script = reserve(64 + room + most * sizeof(u64));
  char *cache = script + 64;
  u64 *words = (u64 *)(((u64)cache + room) & ~7ul), *at = words;

  append_number(append(script, "/proc/self/fd/"), make_program_file(program));
  check_surroundings(script);
  choose_cache(cache, environment, name);

  at = add_strings(at + 1, program->arguments, program->argument_count);
  *at++ = (u64)script;
  for (u64 i = 1; i < argc; i++) *at++ = (u64)argv[i];
  words[0] = at - words - 1;
  *at++ = 0;
  u64 *new_environment = at;
  for (u64 i = 0; i < variables; i++)
    if (!is_listed(environment[i], header.removed, header.removed_count, 0)) *at++ = (u64)environment[i];
  at = add_strings(at, header.added, header.added_count);
  *at++ = (u64)cache;
  *at++ = 0;
  for (u64 i = 0; i < auxiliary; i++) *at++ = auxv[i];

  start->entry = (u64)&header + header.entry;
  start->words = words;
  start->count = at - words;
  start->stack = (u64 *)((u64)(stack - start->count) & ~63ul); /* the ABI asks for 16 bytes */
  /* The dynamic linker has already set `environ` to the old list. */
  **(char ****)at_place(header.environ_slot) = (char **)(start->stack + (new_environment - words));
  CALL(SYS_prctl, PR_SET_NAME, "myctr", 0);
}

/*
 * The entry point. rdx holds the function that the dynamic linker wants to have called at exit, for deno's start code;
 * rbx, r12 and rbp survive the call of C code. The words are copied when no C code runs any more, since they come to lie
 * where its frames were.
 */
__asm__(
  ".section .text.entry, \"ax\"\n"
  "stub_entry:\n"
  "  mov %rdx, %r12\n"
  "  mov %rsp, %rdi\n"        /* prepare(stack, start) */
  "  sub $32, %rsp\n"
  "  and $-16, %rsp\n"
  "  mov %rsp, %rbx\n"
  "  mov %rsp, %rsi\n"
  "  call prepare\n"
  "  mov 0(%rbx), %rax\n"     /* entry */
  "  mov 8(%rbx), %rsi\n"     /* words */
  "  mov 16(%rbx), %rcx\n"    /* count */
  "  mov 24(%rbx), %rdi\n"    /* stack */
  "  mov %rdi, %rsp\n"
  "  cld\n"
  "  rep movsq\n"
  "  mov %r12, %rdx\n"
  "  xor %ebp, %ebp\n"
  "  jmp *%rax\n"
);
