/** A world of its own for one test: a state root, a root file system, the real myctr in it, and a look for traces. */

import { ordinaryUser } from "../setup/requirements.ts";
import type { NeedName } from "../setup/needs.ts";
import { type Account, readIfThere } from "../setup/needs.ts";
import { makeRootfs } from "./rootfs.ts";
import { findCgroups, findTraces, type Surroundings, surroundings } from "./traces.ts";
import { type Programs, programsFor } from "./programs.ts";
import { type Ran, type RunOptions, runWords, type Spawned, spawnWords } from "./processes.ts";

export type { Ran, Spawned } from "./processes.ts";

/** Who runs myctr. */
export type BoxUser = "root" | "ordinary";

/** Both kinds of users, and what a test for each needs. */
export const USERS: readonly { readonly user: BoxUser; readonly needs: readonly NeedName[] }[] = [
  { user: "root", needs: ["root", "busybox"] },
  { user: "ordinary", needs: ["root", "tester", "setpriv", "userns", "uidmap", "busybox"] },
];

/** How long a removed container's last processes may take to vanish. */
const PATIENCE_MS = 5000;

/** What may be said of a box. */
export interface BoxOptions {
  readonly user?: BoxUser;
  /** Words before all of its commands: the machine of a network of the test's own. */
  readonly near?: readonly string[];
}

/** Opens a box; disposing of it fails where something of it is left on the machine. */
export async function openBox({ user = "root", near = [] }: BoxOptions = {}): Promise<Box> {
  const directory = await Deno.makeTempDir({ prefix: "myctr-box-" });
  await Deno.chmod(directory, 0o755);
  const account = user === "ordinary" ? ordinaryUser() : undefined;
  const programs = await programsFor(account);
  const box = new Box(directory, account, { ...programs, prefix: [...near, ...programs.prefix] });
  for (const name of [box.state, box.work]) {
    await Deno.mkdir(name);
    await box.give(name);
  }
  return box;
}

/** One test's myctr. */
export class Box implements AsyncDisposable {
  /** All of the box; its last part is the box's id. */
  readonly directory: string;
  /** myctr's `--root`. */
  readonly state: string;
  /** Where myctr is started, and where tests put files; belongs to the user. */
  readonly work: string;
  readonly user: BoxUser;
  readonly #account: Account | undefined;
  readonly #programs: Programs;
  readonly #before: Surroundings = surroundings();
  /** Of every container that the box has had, as far as it was looked at in time. */
  readonly #ids = new Set<string>();
  #rootfs: string | undefined;
  #last = "";

  constructor(directory: string, account: Account | undefined, programs: Programs) {
    this.directory = directory;
    this.state = `${directory}/state`;
    this.work = `${directory}/work`;
    this.user = account === undefined ? "root" : "ordinary";
    this.#account = account;
    this.#programs = programs;
  }

  /** A busybox root that belongs to the user; made when first asked for. */
  get rootfs(): string {
    return this.#rootfs ??= this.makeRootfs("rootfs");
  }

  /** Makes one more root, for a test that changes it. */
  makeRootfs(name: string): string {
    return makeRootfs(`${this.directory}/${name}`, this.#account);
  }

  /** Makes the user the owner of a file. */
  async give(path: string): Promise<void> {
    if (this.#account !== undefined) await Deno.chown(path, this.#account.uid, this.#account.gid);
  }

  /** Writes a file that belongs to the user, below {@link work}; gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = `${this.work}/${name}`;
    await Deno.writeTextFile(path, text);
    await this.give(path);
    return path;
  }

  /** The words that run myctr in this box as its user. */
  command(...args: readonly string[]): string[] {
    return this.as(...this.#programs.myctr, "--root", this.state, ...args);
  }

  /** The whole environment of {@link run}, for a test that starts words of {@link command} itself. */
  get env(): Readonly<Record<string, string>> {
    return this.#programs.env;
  }

  /** The words that run any program as the box's user; its environment is that of {@link run}. */
  as(...words: readonly string[]): string[] {
    return [...this.#programs.prefix, ...words];
  }

  /** Runs myctr to its end. */
  run(...args: readonly string[]): Promise<Ran> {
    return this.exec(this.command(...args));
  }

  /** Runs `myctr run --rm --rootfs`, with the box's root, to its end. */
  inside(...args: readonly string[]): Promise<Ran> {
    return this.run("run", "--rm", "--rootfs", this.rootfs, ...args);
  }

  /** Runs words of {@link command} or {@link as} to their end. */
  async exec(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const ran = await runWords(words, this.#options(options));
    this.#last = `${words.join(" ")}: ${ran.signal ?? ran.code}\n${ran.stdout.slice(-500)}${
      ran.stderr.slice(-500)
    }`;
    return ran;
  }

  /** Starts words of {@link command} or {@link as}. */
  spawn(words: readonly string[], options: RunOptions = {}): Spawned {
    return spawnWords(words, this.#options(options));
  }

  #options(options: RunOptions): RunOptions {
    return { cwd: this.work, ...options, env: { ...this.#programs.env, ...options.env } };
  }

  /** The state of each container that is there. */
  containers(): { readonly id: string; readonly name: string; readonly pid: number }[] {
    return namesIn(`${this.state}/containers`)
      .map((id) => readIfThere(`${this.state}/containers/${id}/state.json`))
      .filter((text) => text !== "").map((text) => JSON.parse(text));
  }

  /** The traces that are left of the box; empty is good. */
  traces(): string[] {
    const files = ["containers", "names", "trash"].flatMap((folder) =>
      namesIn(`${this.state}/${folder}`).map((name) => `file ${folder}/${name}`)
    );
    return [...files, ...this.#cgroups(), ...findTraces(this.directory, this.#before)];
  }

  /** The cgroups of its containers; those of other boxes are none of its matter. */
  #cgroups(): string[] {
    for (const id of namesIn(`${this.state}/containers`)) this.#ids.add(id.replace(/^\.new-/, ""));
    for (const file of ["events", "events.1"]) {
      const told = readIfThere(`${this.state}/${file}`).matchAll(/"id":"([0-9a-f]{64})"/g);
      for (const [, id = ""] of told) this.#ids.add(id);
    }
    return findCgroups(this.#ids).map((path) => `cgroup ${path}`);
  }

  /** Waits until nothing is left; gives what is left when patience ends. */
  async settle(): Promise<string[]> {
    const end = Date.now() + PATIENCE_MS;
    let left = this.traces();
    while (left.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      left = this.traces();
    }
    return left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.settle();
    await Deno.remove(this.directory, { recursive: true });
    // Where the test itself failed too, this error hides its own: it tells of the last run instead.
    if (left.length > 0) throw new Error(`Left behind by a test:\n${left.join("\n")}\n${this.#last}`);
  }
}

function namesIn(directory: string): string[] {
  try {
    return Array.from(Deno.readDirSync(directory), ({ name }) => name);
  } catch {
    return [];
  }
}
