/**
 * The programs in dist/myctr. The stub takes the first one that has the command line's first word among its words, so
 * that a command that is started often has a small bundle of its own, with V8 settings of its own. Pure.
 */

/** One program: a bundle, and the Deno that it runs on. */
export interface Program {
  /** Also the name of its directory in the cache: V8 refuses code that was compiled under other settings. */
  readonly name: string;
  /** First words of a command line that choose it; the last program needs none, and gets the rest. */
  readonly words: readonly string[];
  /** Its first module, from the root of the source tree. */
  readonly entry: string;
  readonly v8Flags: readonly string[];
  /** Modules, loaded by import() before anything is done, that are left out: asking for one starts the last program. */
  readonly without?: readonly string[];
}

/** Every function is compiled when the program first runs, and comes out of the code cache from then on. */
const WHOLE_CODE = "--no-lazy";

/** Room, in MB, for all that a start makes: else V8 collects garbage in the middle of it. */
const NO_COLLECTION = "--min-semi-space-size=4";

/**
 * Nothing that ends after some milliseconds is worth compiling to machine code, or a thread to do that. Nor has V8 any
 * memory then that is writable and executable.
 */
const INTERPRETED = ["--jitless", "--single-threaded"] as const;

const SHORT = [WHOLE_CODE, NO_COLLECTION, ...INTERPRETED] as const;
/** Images pass through this one, and leave garbage that V8 does not see: collect.ts. */
const LONG = [WHOLE_CODE, NO_COLLECTION, "--expose-gc"] as const;

/** Command lines that no bundle of their own would make faster, of a program that would be compiled in vain. */
const SHORT_WORDS = [
  "stop",
  "kill",
  "pause",
  "unpause",
  "rename",
  "update",
  "top",
  "rm",
  "version",
  "--version",
  "-v",
  "__reap",
  "__sweep",
] as const;

/** What looks at containers, and may look at hundreds. */
const LOOK_WORDS = ["list", "ls", "ps", "inspect", "port"] as const;

/** What goes through much, or waits for long. */
const WATCH_WORDS = ["logs", "events", "wait"] as const;

/** A log may be long: its reader is compiled to machine code, in the one thread that it has. */
const WATCH = [WHOLE_CODE, NO_COLLECTION, "--single-threaded"] as const;

/** What few command lines ask for. */
const HELP = "src/cli/render_help.ts";
const RARE_IN_RUN = [
  HELP,
  "src/runtime/choose_id_map.ts",
  "src/runtime/fetch_image.ts",
  "src/runtime/resolve_volumes.ts",
  "src/runtime/dry_run.ts",
  "src/security/compile_seccomp.ts",
  "src/security/oci_seccomp.ts",
  "src/security/parse_profile.ts",
  "src/runtime/join_container.ts",
  "src/runtime/masked_kinds.ts",
  "src/host/read_added_devices.ts",
] as const;

/** What hidden commands do that are words of other programs, or of the last one. */
const OF_OTHERS = ["src/runtime/sweep.ts", "src/runtime/restarts.ts", "src/runtime/health.ts"] as const;

/** Commands of the whole program alone. */
const LONG_COMMANDS = commands(
  "attach",
  "build",
  "commit",
  "complete",
  "completion",
  "container",
  "cp",
  "diff",
  "doctor",
  "exec",
  "explain",
  "export",
  "files",
  "generate",
  "help",
  "history",
  "image",
  "images",
  "import",
  "info",
  "layers",
  "load",
  "login",
  "logout",
  "pull",
  "push",
  "registry",
  "restart",
  "rmi",
  "run",
  "save",
  "start",
  "system",
  "tag",
  "volume",
);

function commands(...names: readonly string[]): string[] {
  return names.map((name) => `src/cli/${name}.ts`);
}

/** All of them. The last one is for every command line that no other takes, such as one that begins with --debug. */
export const PROGRAMS: readonly Program[] = [
  {
    name: "run",
    words: ["run", "create"],
    entry: "src/main_run.ts",
    v8Flags: SHORT,
    without: RARE_IN_RUN,
  },
  {
    name: "look",
    words: LOOK_WORDS,
    entry: "src/main_look.ts",
    v8Flags: SHORT,
    without: [HELP, "src/runtime/show_images.ts", "src/cli/inspect/image_object.ts"],
  },
  {
    name: "start",
    words: ["start", "__start", "__restart"],
    entry: "src/main_start.ts",
    v8Flags: SHORT,
    without: RARE_IN_RUN,
  },
  {
    name: "exec",
    words: ["exec", "__health"],
    entry: "src/main_exec.ts",
    v8Flags: SHORT,
    without: RARE_IN_RUN,
  },
  {
    name: "short",
    words: SHORT_WORDS,
    entry: "src/main.ts",
    v8Flags: SHORT,
    without: [HELP, ...OF_OTHERS, ...LONG_COMMANDS, ...commands("list", "inspect", "port", ...WATCH_WORDS)],
  },
  {
    name: "watch",
    words: WATCH_WORDS,
    entry: "src/main_watch.ts",
    v8Flags: WATCH,
    without: [HELP],
  },
  { name: "main", words: [], entry: "src/main.ts", v8Flags: LONG },
];
