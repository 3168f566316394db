/**
 * A virtual machine with one of Debian's kernels, under emulation: it boots, runs scripts as one user or another, and
 * is gone at its disposal, or when this process ends in any way.
 */

import { openParts } from "./cache.ts";
import { makePayload } from "./payload.ts";
import type { KernelLine } from "./packages.ts";
import { PREPARE_USERS } from "./root_image.ts";
import { Replies } from "./replies.ts";

/** Who runs a script: "user" has subordinate ids, "bare" has none. */
export type GuestUserName = "root" | "user" | "bare";

/** Where in the tree of control groups: in a part that systemd gave the user, or in its session, which is root's. */
export type Place = "delegated" | "session";

/** How to boot. */
export interface MachineOptions {
  readonly kernel: KernelLine;
  /** @default "plain" a shell script that does what the tests need of systemd, in a fifth of the time */
  readonly init?: "plain" | "systemd";
  /** Ends the machine at any time; what waits for it fails. */
  readonly signal?: AbortSignal;
  /** Gets a line about what takes long. */
  readonly say?: (line: string) => void;
}

/** How to run a script. */
export interface ScriptOptions {
  /** @default "root" */
  readonly user?: GuestUserName;
  /** @default "session"; systemd as init has its own idea */
  readonly place?: Place;
  /** @default 120000 */
  readonly timeoutMs?: number;
  /** Gets what the script says, as it comes; then the result holds none of it. */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** What a script said, and how it ended. */
export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine, or a script in it, took too long. */
export class MachineTimeout extends Error {}

const BOOT_MS = 180_000;
const SCRIPT_MS = 120_000;

/** A machine that runs. */
export class Machine implements AsyncDisposable {
  readonly #directory: string;
  readonly #qemu: Deno.ChildProcess;
  readonly #control: Deno.UnixConn;
  readonly #replies: Readonly<Record<"stdout" | "stderr", Replies>>;
  #number = 0;

  private constructor(directory: string, qemu: Deno.ChildProcess, connections: readonly Deno.UnixConn[]) {
    const [control, out, err] = connections;
    if (control === undefined || out === undefined || err === undefined) throw new Error("A port is missing");
    this.#directory = directory;
    this.#qemu = qemu;
    this.#control = control;
    this.#replies = { stdout: new Replies(out), stderr: new Replies(err) };
  }

  /** Boots a machine and waits until it runs scripts. */
  static async boot(options: MachineOptions): Promise<Machine> {
    const parts = await openParts(options.say ?? (() => {}));
    const directory = await Deno.makeTempDir({ prefix: "myctr-vm-" });
    let machine: Machine | undefined;
    let qemu: Deno.ChildProcess | undefined;
    try {
      const payload = await makePayload(directory);
      options.signal?.throwIfAborted();
      const started = qemu = startQemu(qemuWords(directory, payload, parts, options));
      options.signal?.addEventListener("abort", () => end(started));
      const ports = await Promise.all(PORTS.map((name) => connect(`${directory}/${name}`, qemu?.status)));
      machine = new Machine(directory, qemu, ports);
      await machine.#answer(0, BOOT_MS, "boot");
      const prepared = await machine.run(PREPARE_USERS);
      if (prepared.code !== 0) throw new Error(`Cannot prepare the machine: ${prepared.stderr}`);
      return machine;
    } catch (error) {
      if (machine !== undefined) await machine[Symbol.asyncDispose]();
      else await discard(directory, qemu);
      throw error;
    }
  }

  /** Runs a script of sh to its end. */
  async run(script: string, options: ScriptOptions = {}): Promise<ScriptResult> {
    const { user = "root", place = "session", timeoutMs = SCRIPT_MS, onOutput } = options;
    const number = ++this.#number;
    const encoded = new TextEncoder().encode(`${script}\n`).toBase64();
    for (const stream of ["stdout", "stderr"] as const) {
      this.#replies[stream].onBytes = onOutput && ((bytes) => onOutput(stream, bytes));
    }
    await writeAll(this.#control, `${number} ${user} ${place} ${encoded}\n`);
    return await this.#answer(number, timeoutMs, script);
  }

  async #answer(number: number, timeoutMs: number, what: string): Promise<ScriptResult> {
    const { stdout, stderr } = this.#replies;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new MachineTimeout(`Took more than ${timeoutMs / 1000} s: ${what}\n${this.console()}`)),
      timeoutMs,
    );
    const gone = this.#qemu.status.then(() => {
      throw new Error(`The machine ended during: ${what}\n${this.console()}`);
    });
    gone.catch(() => {});
    try {
      const both = Promise.all([stdout.next(number), stderr.next(number)]);
      both.catch(() => {});
      const [out, err] = await Promise.race([both, late, gone]);
      return { code: out.code, stdout: out.text, stderr: err.text };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last that the kernel said. */
  console(): string {
    const read = (name: string) => Deno.readTextFileSync(`${this.#directory}/${name}`);
    return read("console").split("\n").slice(-25).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control.close();
    await discard(this.#directory, this.#qemu);
    await Promise.all([this.#replies.stdout.done, this.#replies.stderr.done]);
  }
}

const PORTS = ["control", "out", "err"] as const;

function qemuWords(
  directory: string,
  payload: string,
  parts: Awaited<ReturnType<typeof openParts>>,
  { kernel, init = "plain" }: MachineOptions,
): string[] {
  const disks = [parts.root, payload].flatMap((file, index) => [
    ...["-drive", `file=${file},if=none,id=disk${index},format=raw,snapshot=on,cache=unsafe`],
    ...["-device", `virtio-blk-pci,drive=disk${index}`],
  ]);
  const ports = PORTS.flatMap((name) => [
    ...["-chardev", `socket,id=${name},path=${directory}/${name},server=on,wait=off`],
    ...["-device", `virtserialport,chardev=${name},name=${name}`],
  ]);
  const kernelWords = [
    "console=ttyS0",
    "panic=-1",
    "quiet",
    "loglevel=4",
    "mitigations=off",
    `vm.init=${init}`,
  ];
  return [
    ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max,la57=off", "-smp", "2", "-m", "1536"],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none"],
    ...["-kernel", parts.kernel(kernel), "-initrd", parts.initramfs(kernel)],
    ...["-append", kernelWords.join(" "), "-serial", `file:${directory}/console`],
    ...disks,
    ...["-device", "virtio-serial-pci"],
    ...ports,
  ];
}

/** qemu dies with this process, however that ends. */
function startQemu(words: readonly string[]): Deno.ChildProcess {
  const args = ["--pdeathsig", "KILL", "qemu-system-x86_64", ...words];
  return new Deno.Command("setpriv", { args, stdin: "null", stdout: "inherit", stderr: "inherit" }).spawn();
}

/** The socket is there a moment after qemu's start. */
async function connect(
  path: string,
  ended: Promise<Deno.CommandStatus> | undefined,
): Promise<Deno.UnixConn> {
  let isGone = false;
  ended?.then(() => isGone = true);
  while (!isGone) {
    try {
      return await Deno.connect({ transport: "unix", path });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error("qemu ended at once");
}

async function discard(directory: string, qemu: Deno.ChildProcess | undefined): Promise<void> {
  if (qemu !== undefined) end(qemu);
  await qemu?.status;
  await Deno.remove(directory, { recursive: true });
}

function end(qemu: Deno.ChildProcess): void {
  try {
    qemu.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function writeAll(connection: Deno.UnixConn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
