/** One executable made of two programs and the deno binary, copied alone to another place and run there. */

import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { asOrdinaryUser, ordinaryUser, requires } from "../../tests/setup/requirements.ts";
import type { SampleFacts } from "./_sample.ts";
import { build } from "./build.ts";
import { callerEnv } from "./caller_env.ts";
import { BASE, prelink } from "./prelink.ts";

/** A directory that everybody can reach, with the executable alone in it. */
const folder = await Deno.makeTempDir();
const MYCTR = `${folder}/myctr`;
await Deno.chmod(folder, 0o755);
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const isSupported = Deno.build.arch === "x86_64";
if (isSupported) {
  const hot = `${folder}/hot.mjs`;
  await Deno.writeTextFile(
    hot,
    `Deno.stdout.writeSync(new TextEncoder().encode(typeof WebAssembly + Deno.args.join()));`,
  );
  const programs = [
    { name: "run", words: ["hot", "warm"], entry: hot, v8Flags: ["--jitless"] },
    {
      name: "main",
      words: [],
      entry: new URL("_sample.ts", import.meta.url).pathname,
      v8Flags: ["--no-lazy"],
    },
  ];
  await build({ programs, out: MYCTR, base: "deno" });
  await Deno.remove(hot);
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(argv: readonly string[], env: Record<string, string> = {}): Ran {
  const [program = "", ...args] = argv;
  const command = new Deno.Command(program, { args, env, clearEnv: true, cwd: "/" });
  const { code, stdout, stderr } = command.outputSync();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Runs a shell command in which $M is the executable. */
function sh(script: string, env: Record<string, string> = {}): Ran {
  return run(["/bin/bash", "-c", script], { PATH: "/usr/bin:/bin", M: MYCTR, ...env });
}

function factsOf({ code, stdout, stderr }: Ran): SampleFacts {
  deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return JSON.parse(stdout);
}

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name: `dist: ${name}`, ignore: !isSupported, fn });
}

test("arguments arrive verbatim", () => {
  const args = ["a b", "", "--version", "-A", "--", "line\nbreak", "é", "@"];
  deepEqual(factsOf(run([MYCTR, ...args])).args, args);
});

for (const args of [["hot"], ["warm", "a b", "--debug"]]) {
  test(`first word ${args[0]}: the program of that word runs, with V8 flags of its own`, () => {
    // A V8 that may not make machine code has no WebAssembly.
    deepEqual(run([MYCTR, ...args]), { code: 0, stdout: `undefined${args.join()}`, stderr: "" });
  });
}

for (const args of [[], [""], ["hotter"], ["ho"], ["Hot"], ["--debug", "hot"]]) {
  test(`words ${JSON.stringify(args)}: the last program runs`, () => {
    deepEqual(factsOf(run([MYCTR, ...args])).args, args);
  });
}

test("its own address is fixed; those of libc, heap and stack are random", () => {
  const maps = [1, 2, 3].map(() => run([MYCTR, "maps"]).stdout.split("\n"));
  const addressesOf = (name: string) =>
    new Set(maps.map((lines) => lines.find((line) => line.endsWith(name))?.split("-")[0]));
  deepEqual([...addressesOf(MYCTR)], [BASE.toString(16).padStart(8, "0")]);
  for (const name of ["/libc.so.6", "[heap]", "[stack]"]) notEqual(addressesOf(name).size, 1, name);
});

test("the build takes a deno that can't be prelinked as it is, and says so", async () => {
  const [deno, out] = [`${folder}/deno`, `${folder}/unbound`];
  await Deno.writeFile(deno, prelink(await Deno.readFile(Deno.execPath())), { mode: 0o755 });
  const script = new URL("build.ts", import.meta.url).pathname;
  const built = run([deno, "run", "-A", script, "--base", "deno", "--out", out], callerEnv());
  match(built.stdout, /; starts 2 ms slower: Cannot prelink the deno binary: it has an address already\n$/);
  match(run([out, "--version"]).stdout, /^myctr version /);
  for (const path of [deno, out]) await Deno.remove(path);
});

for (const code of [0, 1, 42, 125, 255]) {
  test(`exit code ${code} is the program's`, () => {
    equal(run([MYCTR, "exit", String(code)]).code, code);
  });
}

test("an empty environment will do, and is what the program sees as its caller's", () => {
  deepEqual(factsOf(run([MYCTR])).caller, {});
});

test("a hostile environment reaches the program as data, and Deno not at all", async () => {
  const home = await Deno.makeTempDir();
  await Deno.writeTextFile(`${home}/.npmrc`, "registry=::none\n");
  const env = {
    HOME: home,
    NODE_OPTIONS: "--require /none.js",
    NODE_CHANNEL_FD: "0",
    DENO_DIR: "/none",
    DENO_V8_FLAGS: "--none",
    DENO_LOG: "trace",
    npm_config_registry: "::none",
    OTEL_DENO: "true",
    RUST_LOG: "trace",
    KEPT: "yes",
  };
  const facts = factsOf(run([MYCTR], env));
  await Deno.remove(home, { recursive: true });
  deepEqual(facts.caller, env);
  deepEqual(Object.keys(facts.deno).filter((name) => Object.hasOwn(env, name)).sort(), [
    "DENO_DIR",
    "HOME",
    "KEPT",
  ]);
  equal(facts.deno["HOME"], "/proc/none");
});

test("a hostile working directory is left alone", async () => {
  const cwd = await Deno.makeTempDir();
  for (const name of ["deno.json", "package.json", ".npmrc", ".env"]) {
    await Deno.writeTextFile(`${cwd}/${name}`, "{=");
  }
  const ran = sh(`cd ${cwd} && $M`);
  await Deno.remove(cwd, { recursive: true });
  deepEqual(factsOf(ran).args, []);
});

const SURROUNDINGS = [
  { name: "another argv[0]", script: "exec -a node $M" },
  { name: "an empty argv[0]", script: "exec -a '' $M" },
  { name: "a name on PATH that links here", script: "ln -s $M ${M%/*}/link; PATH=${M%/*} link" },
  { name: "a copy called node", script: "cp $M ${M%/*}/node; ${M%/*}/node; c=$?; rm ${M%/*}/node; exit $c" },
  { name: "ulimit -n 30", script: "ulimit -n 30; $M" },
  { name: "standard input closed", script: "$M <&-" },
  { name: "standard input closed and ulimit -n 40", script: "ulimit -n 40; $M <&-" },
  { name: "no random addresses", script: "setarch -R $M" },
  { name: "descriptors 3 to 9 open", script: "exec 3</ 4</ 5</ 6</ 7</ 8</ 9</; $M" },
] as const;

for (const { name, script } of SURROUNDINGS) {
  test(`runs with ${name}`, () => {
    const facts = factsOf(sh(script));
    match(facts.module, /^file:\/\/\/proc\/self\/fd\/\d+$/);
    equal(facts.comm, "myctr");
  });
}

test("100,000 arguments arrive", () => {
  equal(factsOf(sh("$M $(seq 100000)")).args.length, 100000);
});

test("starts itself again, with the caller's environment", () => {
  const facts = factsOf(run([MYCTR, "again", "x", "y z"], { HOME: "/none", DENO_DIR: "/none" }));
  deepEqual(facts.args, ["x", "y z"]);
  deepEqual(facts.caller, { HOME: "/none", DENO_DIR: "/none" });
  equal(run([MYCTR, "again", "exit", "9"]).code, 9);
});

test("says that the working directory is gone, with code 125", () => {
  const ran = sh("mkdir ${M%/*}/gone; cd ${M%/*}/gone; rmdir $PWD; $M");
  deepEqual(ran, { code: 125, stdout: "", stderr: "myctr: Cannot read the working directory: it is gone\n" });
});

test("forty start at once", () => {
  // By their numbers: a shell forgets those of `jobs` that end before it is asked.
  const script =
    'for i in $(seq 40); do $M exit 3 & all="$all $!"; done; for p in $all; do wait $p || echo $?; done';
  equal(sh(script).stdout, "3\n".repeat(40));
});

Deno.test({
  ...requires("dist: root's cache is in /var/cache/myctr, whatever HOME is under sudo", "root", "tester"),
  fn() {
    equal(factsOf(run([MYCTR], { HOME: ordinaryUser().home })).deno["DENO_DIR"], "/var/cache/myctr/main");
    for (const directory of ["/var/cache/myctr", "/var/cache/myctr/main"]) {
      equal(Deno.lstatSync(directory).mode! & 0o7777, 0o700);
    }
  },
});

Deno.test({
  ...requires("dist: an ordinary user's cache is below the own home", "root", "tester", "setpriv"),
  fn() {
    const facts = factsOf(run(asOrdinaryUser(MYCTR)));
    equal(facts.deno["DENO_DIR"], `${ordinaryUser().home}/.cache/myctr/main`);
  },
});

/** A cache of its own for the ordinary user, and what starts the executable with it. */
function openCache(): { directory: string; start: (...words: string[]) => void } & Disposable {
  const cache = Deno.makeTempDirSync();
  Deno.chownSync(cache, ordinaryUser().uid, null);
  return {
    directory: `${cache}/myctr/main`,
    start: (...words) => {
      equal(run(asOrdinaryUser(`XDG_CACHE_HOME=${cache}`, MYCTR, ...words)).code, 0);
    },
    [Symbol.dispose]: () => Deno.removeSync(cache, { recursive: true }),
  };
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

const BUILDS = "SELECT specifier FROM codecache WHERE specifier LIKE 'file:///proc/self/fd/%'";

Deno.test({
  ...requires("dist: what is in the log of the cache comes into its pages", "root", "tester", "setpriv"),
  fn() {
    using cache = openCache();
    const code = `${cache.directory}/v8_code_cache_v2`;
    // Deno writes it on a thread of its own, which a very short program may still outrun.
    for (let turn = 0; turn < 50; turn++) {
      cache.start("settle");
      cache.start("settle");
      if (sizeOf(code) % 65536 === 0 && sizeOf(`${code}-wal`) === 0) break;
    }
    cache.start("settle");
    equal(sizeOf(`${code}-wal`), 0);
    using database = new DatabaseSync(code, { readOnly: true });
    deepEqual({ ...database.prepare("PRAGMA page_size").get() }, { page_size: 65536 });
    equal(database.prepare(BUILDS).all().length, 1);
    deepEqual(Array.from(Deno.readDirSync(`${cache.directory}/..`), ({ name }) => name), ["main"]);
    equal(Deno.statSync(cache.directory).mode! & 0o777, 0o700);
  },
});

Deno.test({
  ...requires("dist: code of old builds goes, four builds stay", "root", "tester", "setpriv"),
  fn() {
    using cache = openCache();
    const code = `${cache.directory}/v8_code_cache_v2`;
    cache.start("settle");
    const database = new DatabaseSync(code);
    for (let number = 1; number <= 6; number++) {
      database.exec(`INSERT INTO codecache VALUES ('file:///proc/self/fd/${number}', 1, 1, x'00')`);
    }
    for (let turn = 0; turn < 50 && sizeOf(`${code}-wal`) > 0; turn++) cache.start("settle");
    database.close();
    using settled = new DatabaseSync(code, { readOnly: true });
    equal(settled.prepare(BUILDS).all().length, 4);
  },
});

Deno.test({
  ...requires("dist: a copy that somebody was killed with is no hindrance", "root", "tester", "setpriv"),
  fn() {
    using cache = openCache();
    cache.start("exit", "0");
    Deno.mkdirSync(`${cache.directory}.settling`);
    for (let turn = 0; turn < 3; turn++) cache.start("settle");
    deepEqual(Array.from(Deno.readDirSync(`${cache.directory}.settling`)), []);
  },
});

Deno.test({
  ...requires(
    "dist: compiled code is kept, also of a program that ends at once",
    "root",
    "tester",
    "setpriv",
  ),
  fn() {
    const cache = Deno.makeTempDirSync();
    Deno.chownSync(cache, ordinaryUser().uid, null);
    // Deno writes it on a thread of its own, which a very short program may still outrun.
    const once = asOrdinaryUser(`XDG_CACHE_HOME=${cache}`, MYCTR, "exit", "0").join(" ");
    const kept = "grep -q file:///proc/self/fd/ $X/myctr/main/v8_code_cache*";
    const { stdout } = sh(`for i in $(seq 50); do ${once}; ${kept} && echo kept && break; done`, {
      X: cache,
    });
    Deno.removeSync(cache, { recursive: true });
    equal(stdout, "kept\n");
  },
});

const FOREIGN_HOMES = [
  { name: "another user's HOME", variable: "HOME=/root" },
  { name: "another user's XDG_CACHE_HOME", variable: "XDG_CACHE_HOME=/root" },
  { name: "a HOME that is not there", variable: "HOME=/none" },
  { name: "a HOME that is relative", variable: "HOME=." },
] as const;

for (const { name, variable } of FOREIGN_HOMES) {
  Deno.test({
    ...requires(`dist: runs without a cache with ${name}`, "root", "tester", "setpriv"),
    fn() {
      const facts = factsOf(run(asOrdinaryUser("env", "-u", "HOME", variable, MYCTR)));
      equal(facts.deno["DENO_DIR"], "/proc/none");
    },
  });
}

const PLANTED = [
  { name: "a link", script: "ln -s /root $X/myctr" },
  {
    name: "a directory that others may write",
    script: "mkdir $X/myctr; chown $U $X/myctr; chmod 777 $X/myctr",
  },
  { name: "another user's directory", script: "mkdir -m 755 $X/myctr" },
  { name: "a file", script: "touch $X/myctr; chown $U $X/myctr" },
] as const;

for (const { name, script } of PLANTED) {
  Deno.test({
    ...requires(`dist: refuses ${name} as its cache`, "root", "tester", "setpriv"),
    fn() {
      const cache = Deno.makeTempDirSync();
      Deno.chownSync(cache, ordinaryUser().uid, null);
      sh(script, { X: cache, U: String(ordinaryUser().uid) });
      const ran = run(asOrdinaryUser("env", "-u", "HOME", `XDG_CACHE_HOME=${cache}`, MYCTR));
      Deno.removeSync(cache, { recursive: true });
      equal(factsOf(ran).deno["DENO_DIR"], "/proc/none");
    },
  });
}

Deno.test({
  ...requires("dist: says that /proc is missing, with code 125", "root", "setpriv"),
  fn() {
    const ran = sh("unshare -m sh -c 'mount -t tmpfs none /proc; $M'");
    deepEqual(ran, { code: 125, stdout: "", stderr: "myctr: Cannot read /proc/self/fd: mount /proc\n" });
  },
});
