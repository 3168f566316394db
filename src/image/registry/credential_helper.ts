/**
 * Programs that keep credentials: docker-credential-NAME.
 * Source: docker/docker-credential-helpers, README.md and credentials/credentials.go.
 */

import { CtrError } from "../../errors.ts";
import type { HelperUse } from "./auth_file.ts";
import type { Credentials } from "./credentials.ts";

/** A helper may ask its user to unlock something; for longer nobody waits for it. */
const PATIENCE_MS = 60_000;
/** Such a name says that the secret is a token. */
const TOKEN_NAME = "<token>";
const MAX_SHOWN = 200;

/** Who is asked, and for how long. */
export interface HelperRun extends HelperUse {
  /** The file that names the helper. */
  readonly path: string;
  /** The helper's environment, and where it is looked for. */
  readonly env: Readonly<Record<string, string>>;
  readonly patienceMs?: number;
}

interface Answer {
  readonly isDone: boolean;
  readonly text: string;
}

/** Gets a registry's credentials from a helper; undefined where it has none. @throws {CtrError} where it can't say */
export async function getFromHelper(run: HelperRun): Promise<Credentials | undefined> {
  const { isDone, text } = await askHelper(run, "get", run.server);
  if (!isDone) {
    if (isNotFound(text)) return undefined;
    throw helperError(run, "get", text);
  }
  const { Username: username, Secret: secret } = parseAnswer(text);
  if (typeof username !== "string" || typeof secret !== "string") {
    throw helperError(run, "get", "its answer has no Username and Secret");
  }
  if (username === TOKEN_NAME) return { kind: "token", identityToken: secret };
  return username === "" && secret === "" ? undefined : { kind: "basic", username, password: secret };
}

/** Gives a helper credentials to keep. @throws {CtrError} where it does not take them */
export async function storeInHelper(run: HelperRun, credentials: Credentials): Promise<void> {
  const [username, secret] = credentials.kind === "token"
    ? [TOKEN_NAME, credentials.identityToken]
    : [credentials.username, credentials.password];
  const input = JSON.stringify({ ServerURL: run.server, Username: username, Secret: secret });
  const { isDone, text } = await askHelper(run, "store", input);
  if (!isDone) throw helperError(run, "store", text);
}

/** Lets a helper forget a registry; tells whether it knew it. @throws {CtrError} where it can't say */
export async function eraseFromHelper(run: HelperRun): Promise<boolean> {
  const { isDone, text } = await askHelper(run, "erase", run.server);
  if (isDone) return true;
  if (isNotFound(text)) return false;
  throw helperError(run, "erase", text);
}

/** Lists the servers that a helper knows. @throws {CtrError} where it can't say */
export async function listInHelper(run: HelperRun): Promise<readonly string[]> {
  const { isDone, text } = await askHelper(run, "list", "");
  if (!isDone) throw helperError(run, "list", text);
  return Object.keys(parseAnswer(text));
}

function isNotFound(text: string): boolean {
  return /^credentials not found\b/i.test(text);
}

function parseAnswer(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function helperError({ name, server }: HelperRun, verb: string, why: string): CtrError {
  const state = why === "" ? "it fails without a word" : why.split("\n", 1)[0]!.slice(0, MAX_SHOWN);
  return new CtrError(
    "bad_state",
    `Cannot ${verb} credentials of ${server} by docker-credential-${name}: ${state}`,
    {
      hint: `Try: echo ${server} | docker-credential-${name} ${verb}`,
    },
  );
}

/** Helpers tell what went wrong on standard output, too. */
async function askHelper(run: HelperRun, verb: string, input: string): Promise<Answer> {
  using child = startHelper(run, verb);
  const work = Promise.all([
    feed(child.process, input),
    readAll(child.process.stdout),
    readAll(child.process.stderr),
    child.process.status,
  ]);
  const result = await within(run.patienceMs ?? PATIENCE_MS, work);
  if (result === undefined) throw helperError(run, verb, "it does not end");
  const [, out, error, { success }] = result;
  return { isDone: success, text: success ? out : out.trim() || error.trim() };
}

function startHelper(
  { name, server, path, env }: HelperRun,
  verb: string,
): Disposable & { readonly process: Deno.ChildProcess } {
  const program = `docker-credential-${name}`;
  try {
    const process = new Deno.Command(program, {
      args: [verb],
      clearEnv: true,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return { process, [Symbol.dispose]: () => kill(process) };
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound ? "is not installed" : "can not be executed";
    throw new CtrError("unsupported", `Cannot ${verb} credentials of ${server}: ${program} ${state}`, {
      hint: `Install it, or take ${name} out of ${path}`,
      cause,
    });
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch { /* It has ended. */ }
}

/** A helper that does not read what it is told is none the worse for it. */
async function feed(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch { /* It has ended, or closed its input. */ }
}

async function readAll(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return await new Response(stream).text();
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), ms));
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
