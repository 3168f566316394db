/** The registry that others use, on loopback, with a store of its own. */

import { sleep } from "../kernel/robust_harness.ts";

/** A real registry, until it is disposed of. */
export class RealRegistry implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Deno.ChildProcess;
  /** Host and port, as names of images begin. */
  readonly host: string;

  private constructor(directory: string, process: Deno.ChildProcess, host: string) {
    this.#directory = directory;
    this.#process = process;
    this.host = host;
  }

  /** Starts one; resolved when it answers. `more` is added to its configuration. */
  static async start(more: Readonly<Record<string, unknown>> = {}): Promise<RealRegistry> {
    const directory = await Deno.makeTempDir({ prefix: "myctr-registry-" });
    const host = `127.0.0.1:${freePort()}`;
    const config = {
      version: 0.1,
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: `${directory}/data` } },
      http: { addr: host },
      ...more,
    };
    // JSON is YAML too.
    await Deno.writeTextFile(`${directory}/config.yml`, JSON.stringify(config));
    const process = new Deno.Command("docker-registry", {
      args: ["serve", `${directory}/config.yml`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const registry = new RealRegistry(directory, process, host);
    while (!await registry.#answers()) await sleep(20);
    return registry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    try {
      await (await fetch(`http://${this.host}/v2/`)).body?.cancel();
      return true;
    } catch {
      return false;
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
