/** `myctr login`: who this user is for a registry. */

import { CtrError } from "../errors.ts";
import type { Credentials } from "../image/registry/credentials.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import type { Session } from "./session.ts";

/** What the command needs of the world. */
export interface LoginWorld {
  readonly parseRegistry: (text: string | undefined) => string;
  readonly find: (registry: string) => Promise<Credentials | undefined>;
  readonly verify: (registry: string, credentials: Credentials) => Promise<void>;
  /** Gives the file where the credentials can be read. */
  readonly keep: (registry: string, credentials: Credentials) => Promise<string | undefined>;
  readonly readInput: () => Promise<string>;
  readonly isTerminal: () => boolean;
  readonly ask: (question: string, options: { readonly isSecret: boolean }) => string;
}

const LOGIN = {
  path: "myctr login",
  description: "Log in to a registry; docker.io where none is named",
  options: [
    HELP_OPTION,
    {
      name: "password",
      long: "--password",
      short: "-p",
      placeholder: "password",
      description: "a password or token; others can see it, and - is standard input",
    },
    { name: "passwordStdin", long: "--password-stdin", description: "read the password from standard input" },
    {
      name: "username",
      long: "--username",
      short: "-u",
      placeholder: "name",
      description: "the name of the account",
    },
  ],
  operands: [{ name: "registry", description: "a host, with or without a port" }],
  examples: ["myctr login ghcr.io", "myctr login -u me --password-stdin localhost:5000 <token"],
} as const satisfies Declaration;

interface Given {
  readonly username?: string;
  readonly password?: string;
}

/** Makes the command; `load` gives another world in tests. */
export function loginCommand(load: () => Promise<LoginWorld> = loginWorld): Runnable {
  return runnable(LOGIN, async ({ operands, options: { passwordStdin = false, ...named } }, session) => {
    const isStdin = passwordStdin || named.password === "-";
    refuseContradiction(named, { isStdin, passwordStdin });
    const world = await load();
    const registry = world.parseRegistry(operands.registry);
    if (named.password !== undefined && !isStdin) {
      session.warn("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    const given: Given = isStdin ? { ...named, password: await passwordFrom(world) } : named;
    const isOld = given.username === undefined && given.password === undefined &&
      await tryOld(registry, world, session);
    if (!isOld) await logIn(registry, given, { world, session });
    session.print("Login Succeeded\n");
    return 0;
  });
}

function refuseContradiction(
  { username, password }: Given,
  { isStdin, passwordStdin }: { readonly isStdin: boolean; readonly passwordStdin: boolean },
): void {
  if (passwordStdin && password !== undefined && password !== "-") {
    throw usage("--password and --password-stdin stand together", "Leave one of them out");
  }
  if (isStdin && username === undefined) {
    throw usage("--password-stdin needs a name", "Write --username NAME");
  }
  if (username === "" || username?.includes(":")) {
    throw usage("there is no such name", "Write a name that is not empty and has no colon");
  }
  if (password === "") {
    throw usage("the password is empty", "Write --password-stdin, and the password on standard input");
  }
}

function usage(why: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot log in: ${why}`, { hint });
}

/** What ends a line is not part of it. */
async function passwordFrom({ readInput }: LoginWorld): Promise<string> {
  const password = (await readInput()).replace(/(?:\r\n|\n|\r)$/, "");
  if (password.trim() !== "") return password;
  throw usage("there is no password on standard input", "Write it there, as in <FILE");
}

/** Whether the login that is kept still is one; where it is none, there is a new chance. */
async function tryOld(registry: string, world: LoginWorld, session: Session): Promise<boolean> {
  const old = await world.find(registry);
  if (old === undefined) return false;
  const name = old.kind === "basic" ? ` [Username: ${old.username}]` : "";
  session.warn(`Authenticating with existing credentials...${name}\n`);
  try {
    await world.verify(registry, old);
    return true;
  } catch (error) {
    if (!(error instanceof CtrError) || !world.isTerminal()) throw error;
    session.warn(`${error.message}\n`);
    return false;
  }
}

async function logIn(
  registry: string,
  given: Given,
  { world, session }: { readonly world: LoginWorld; readonly session: Session },
): Promise<void> {
  if ((given.username === undefined || given.password === undefined) && !world.isTerminal()) {
    throw new CtrError(
      "usage",
      `Cannot log in to ${registry}: standard input is no terminal that could be asked`,
      {
        hint: "Write --username NAME --password-stdin, and the password on standard input",
      },
    );
  }
  const username = given.username ?? world.ask("Username: ", { isSecret: false });
  const password = given.password ?? world.ask("Password: ", { isSecret: true });
  refuseContradiction({ username, password }, { isStdin: false, passwordStdin: false });
  const credentials: Credentials = { kind: "basic", username, password };
  await world.verify(registry, credentials);
  const path = await world.keep(registry, credentials);
  if (path === undefined) return;
  session.warn(
    `WARNING! Your credentials are stored unencrypted in '${path}'.\n` +
      "Configure a credential helper to remove this warning.\n",
  );
}

async function loginWorld(): Promise<LoginWorld> {
  const [{ findLogin, keepLogin, parseRegistry, verifyLogin }, { askOnTerminal }] = await Promise.all([
    import("../runtime/login.ts"),
    import("./ask_on_terminal.ts"),
  ]);
  return {
    parseRegistry,
    find: findLogin,
    verify: verifyLogin,
    keep: keepLogin,
    readInput: () => new Response(Deno.stdin.readable).text(),
    isTerminal: () => Deno.stdin.isTerminal(),
    ask: askOnTerminal,
  };
}
