/** What a benchmark runs in: a root file system of busybox, a bundle for OCI runtimes, an executable for everybody. */

const BUSYBOX = "/bin/busybox";
const APPLETS = ["sh", "true", "cat", "dd", "ls", "sleep"] as const;

/** Paths that the contenders use; gone when disposed. */
export interface World extends Disposable {
  readonly directory: string;
  /** A root file system that anybody may read. */
  readonly rootfs: string;
  /** A bundle directory with a config.json for runc and crun. */
  readonly bundle: string;
  /** A program for Deno that does nothing. */
  readonly emptyProgram: string;
  /** The executable under test, readable for the ordinary user. */
  readonly myctr: string;
  /** Runs a command that makes something to measure with, and one at the end that takes it away; a peer's may fail. */
  readonly startOnce: (command: readonly string[], atEnd?: readonly string[]) => void;
}

/** Makes the world in a temporary directory. */
export function makeWorld(): World {
  const directory = Deno.makeTempDirSync({ prefix: "myctr-bench-" });
  Deno.chmodSync(directory, 0o755);
  const rootfs = `${directory}/rootfs`;
  Deno.mkdirSync(`${rootfs}/bin`, { recursive: true });
  for (const name of ["etc", "proc", "sys", "dev", "tmp"]) Deno.mkdirSync(`${rootfs}/${name}`);
  Deno.copyFileSync(BUSYBOX, `${rootfs}/bin/busybox`);
  for (const applet of APPLETS) Deno.symlinkSync("busybox", `${rootfs}/bin/${applet}`);
  Deno.writeTextFileSync(`${rootfs}/etc/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  const emptyProgram = `${directory}/empty.js`;
  Deno.writeTextFileSync(emptyProgram, "");
  const myctr = `${directory}/myctr`;
  Deno.copyFileSync(Deno.env.get("MYCTR_BIN") ?? "dist/myctr", myctr);
  Deno.chmodSync(myctr, 0o755);
  // By a variable: an option before the command chooses a program that is made for longer work.
  Deno.env.set("MYCTR_ROOT", `${directory}/state`);
  const ends: (readonly string[])[] = [];
  return {
    directory,
    rootfs,
    bundle: makeBundle(directory, rootfs),
    emptyProgram,
    myctr,
    startOnce(command, atEnd) {
      if (runOnce(command) && atEnd !== undefined) ends.push(atEnd);
    },
    [Symbol.dispose]: () => {
      ends.forEach(runOnce);
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

/** Whether a command ended well; it is not there, or does not work on this machine, otherwise. */
function runOnce([program = "", ...args]: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** `runc spec`, with the root and the command of the benchmark and without a terminal. */
function makeBundle(directory: string, rootfs: string): string {
  const bundle = `${directory}/bundle`;
  Deno.mkdirSync(bundle);
  try {
    new Deno.Command("runc", { args: ["spec", "--bundle", bundle] }).outputSync();
    const config = JSON.parse(Deno.readTextFileSync(`${bundle}/config.json`));
    config.process.terminal = false;
    config.process.args = ["true"];
    config.root = { path: rootfs, readonly: false };
    Deno.writeTextFileSync(`${bundle}/config.json`, JSON.stringify(config));
  } catch {
    // Without runc there is nobody to use it.
  }
  return bundle;
}
