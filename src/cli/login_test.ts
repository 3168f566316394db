/** Tests of login.ts and logout.ts: who is asked for what, and what is said. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import type { Credentials } from "../image/registry/credentials.ts";
import { loginCommand, type LoginWorld } from "./login.ts";
import { logoutCommand } from "./logout.ts";
import type { Session } from "./session.ts";

interface Told {
  code: number;
  out: string;
  err: string;
  kept: Credentials | undefined;
}

const OLD: Credentials = { kind: "basic", username: "old", password: "old" };

async function login(
  argv: readonly string[],
  world: Partial<LoginWorld> & { input?: string } = {},
): Promise<Told> {
  const told: Told = { code: 0, out: "", err: "", kept: undefined };
  const session: Session = {
    print: (text) => void (told.out += text),
    warn: (text) => void (told.err += text),
    isDebug: false,
  };
  const command = loginCommand(() =>
    Promise.resolve({
      parseRegistry: (text) => text ?? "docker.io",
      find: () => Promise.resolve(undefined),
      verify: (registry, credentials) =>
        credentials.kind === "basic" && credentials.password === "wrong"
          ? Promise.reject(new CtrError("bad_state", `Cannot log in to ${registry}`))
          : Promise.resolve(),
      keep: (_registry, credentials) => {
        told.kept = credentials;
        return Promise.resolve("/h/config.json");
      },
      readInput: () => Promise.resolve(world.input ?? ""),
      isTerminal: () => false,
      ask: (question, { isSecret }) => {
        told.err += question;
        return isSecret ? "asked secret" : "asked";
      },
      ...world,
    })
  );
  told.code = await command.run(argv, session);
  return told;
}

const PLAIN = "WARNING! Your credentials are stored unencrypted in '/h/config.json'.\n" +
  "Configure a credential helper to remove this warning.\n";
const INSECURE = "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n";

const GIVEN: readonly (readonly [argv: readonly string[], input: string, password: string, err: string])[] = [
  [["-u", "me", "-p", "se cret"], "", "se cret", INSECURE + PLAIN],
  [["-u", "me", "--password-stdin"], "secret\n", "secret", PLAIN],
  [["-u", "me", "--password-stdin"], "two\nlines\r\n", "two\nlines", PLAIN],
  [["-u", "me", "--password-stdin"], " spaces ", " spaces ", PLAIN],
  [["-u", "me", "-p", "-"], "secret\n", "secret", PLAIN],
  [["--username=me", "--password=x", "a.com"], "", "x", INSECURE + PLAIN],
];

for (const [argv, input, password, err] of GIVEN) {
  Deno.test(`login ${argv.join(" ")}, with ${JSON.stringify(input)} on standard input`, async () => {
    const told = await login(argv, { input });
    deepEqual(told, {
      code: 0,
      out: "Login Succeeded\n",
      err,
      kept: { kind: "basic", username: "me", password },
    });
  });
}

const WRONG: readonly (readonly [argv: readonly string[], input: string, message: RegExp])[] = [
  [["-u", "me", "-p", "x", "--password-stdin"], "", /stand together$/],
  [["--password-stdin"], "x", /--password-stdin needs a name$/],
  [["-p", "-"], "x", /--password-stdin needs a name$/],
  [["-u", "me", "--password-stdin"], "", /there is no password on standard input$/],
  [["-u", "me", "--password-stdin"], " \n", /there is no password on standard input$/],
  [["-u", "", "-p", "x"], "", /there is no such name$/],
  [["-u", "a:b", "-p", "x"], "", /there is no such name$/],
  [["-u", "me", "-p", ""], "", /the password is empty$/],
  [["-u", "me"], "", /standard input is no terminal that could be asked$/],
  [["-p", "x"], "", /standard input is no terminal that could be asked$/],
  [[], "", /standard input is no terminal that could be asked$/],
];

for (const [argv, input, message] of WRONG) {
  Deno.test(`login ${argv.join(" ") || "of nobody"} is refused: ${message.source}`, async () => {
    await rejects(login(argv, { input }), { code: "usage", message });
  });
}

Deno.test("login asks on a terminal for what is not given", async () => {
  const told = await login([], { isTerminal: () => true });
  deepEqual(told.kept, { kind: "basic", username: "asked", password: "asked secret" });
  equal(told.err, `Username: Password: ${PLAIN}`);
  deepEqual((await login(["-u", "me"], { isTerminal: () => true })).err, `Password: ${PLAIN}`);
});

Deno.test("login keeps nothing that the registry does not know", async () => {
  let isKept = false;
  const keep = () => Promise.resolve((isKept = true, undefined));
  await rejects(login(["-u", "me", "-p", "wrong"], { keep }), { code: "bad_state" });
  equal(isKept, false);
});

Deno.test("login without a name verifies the one that is kept", async () => {
  const told = await login([], { find: () => Promise.resolve(OLD) });
  deepEqual([told.out, told.kept], ["Login Succeeded\n", undefined]);
  equal(told.err, "Authenticating with existing credentials... [Username: old]\n");
});

Deno.test("login asks anew on a terminal where the one that is kept is none any more, and fails elsewhere", async () => {
  const find = () => Promise.resolve<Credentials>({ ...OLD, password: "wrong" });
  await rejects(login([], { find }), { code: "bad_state" });
  const told = await login([], { find, isTerminal: () => true });
  deepEqual(told.kept, { kind: "basic", username: "asked", password: "asked secret" });
});

Deno.test("login says nothing of a file where a helper keeps the password", async () => {
  const told = await login(["-u", "me", "--password-stdin"], {
    input: "x",
    keep: () => Promise.resolve(undefined),
  });
  equal(told.err, "");
});

const LOGOUTS: readonly (readonly [argv: readonly string[], out: string])[] = [
  [["known.com"], "Removing login credentials for known.com\n"],
  [["other.com"], "Not logged in to other.com\n"],
  [[], "Not logged in to docker.io\n"],
  [["-a"], "Removed login credentials for all registries\n"],
];

async function logout(argv: readonly string[]): Promise<string> {
  let out = "";
  const command = logoutCommand(() =>
    Promise.resolve({
      parseRegistry: (text) => text ?? "docker.io",
      forget: (registry) => Promise.resolve(registry === "known.com"),
      forgetAll: () => Promise.resolve(),
    })
  );
  await command.run(argv, { print: (text) => void (out += text), warn: () => {}, isDebug: false });
  return out;
}

for (const [argv, out] of LOGOUTS) {
  Deno.test(`logout ${argv.join(" ")}`, async () => equal(await logout(argv), out));
}

Deno.test("logout -a of one registry is refused", async () => {
  await rejects(logout(["-a", "known.com"]), { code: "usage" });
});
