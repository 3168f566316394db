/** Tests of keep_credentials.ts: what a login changes, and that nothing else is changed. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { writeProgram } from "./_write_program.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import {
  forgetAllCredentials,
  forgetCredentials,
  keepCredentials,
  type LoginFile,
} from "./keep_credentials.ts";

const ME: Credentials = { kind: "basic", username: "me", password: "se:cret ü" };

/** Keeps what it is told in files beside it. */
const HELPER = `
directory=$(dirname "$0")
case $1 in
store) cat >"$directory/stored" ;;
get) read -r server || :; cat "$directory/stored" 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
list) echo '{"a.local":"me","b.local":"me"}' ;;
erase) cat >>"$directory/erased"; echo >>"$directory/erased"; rm -f "$directory/stored" ;;
esac`;

interface Home {
  readonly directory: string;
  readonly login: LoginFile;
  read(): Record<string, unknown>;
  find(registry: string): Promise<Credentials | undefined>;
}

async function withHome(before: unknown, test: (home: Home) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/.docker/config.json`;
    await writeProgram(`${directory}/docker-credential-fake`, HELPER);
    if (before !== undefined) {
      await Deno.mkdir(`${directory}/.docker`);
      await Deno.writeTextFile(path, typeof before === "string" ? before : JSON.stringify(before), {
        mode: 0o644,
      });
    }
    const env = { PATH: `${directory}:/usr/bin:/bin` };
    await test({
      directory,
      login: { path, isDockers: true, env },
      read: () => JSON.parse(Deno.readTextFileSync(path)),
      find: (registry) => findCredentials({ paths: [path], env }, registry, ""),
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const OTHERS = {
  psFormat: "table {{.ID}}",
  unknown: { deep: [1, null] },
  auths: { "b.local": { auth: "dTpw" }, "a.local/ns": { auth: "dTpw" } },
};

Deno.test("keepCredentials() makes the file for its owner alone", () =>
  withHome(undefined, async ({ login, find, directory }) => {
    deepEqual(await keepCredentials(login, "a.local", ME), { isPlain: true });
    deepEqual(await find("a.local"), ME);
    equal(Deno.statSync(login.path).mode! & 0o777, 0o600);
    equal(Deno.statSync(`${directory}/.docker`).mode! & 0o777, 0o700);
  }));

Deno.test("keepCredentials() leaves all else as it is, and nothing beside it", () =>
  withHome(OTHERS, async ({ login, read, directory }) => {
    await keepCredentials(login, "a.local", ME);
    const { auths, ...rest } = read();
    const { auths: before, ...others } = OTHERS;
    deepEqual(rest, others);
    deepEqual(Object.keys(auths as object).sort(), [...Object.keys(before), "a.local"].sort());
    deepEqual(Array.from(Deno.readDirSync(`${directory}/.docker`), ({ name }) => name), ["config.json"]);
    equal(Deno.statSync(login.path).mode! & 0o777, 0o600);
  }));

Deno.test("keepCredentials() gives docker.io docker's name, in place of all others", () =>
  withHome(
    { auths: { "docker.io": { auth: "dTpw" }, "index.docker.io": {} } },
    async ({ login, read, find }) => {
      await keepCredentials(login, "docker.io", ME);
      deepEqual(Object.keys(read().auths as object), ["https://index.docker.io/v1/"]);
      deepEqual(await find("docker.io"), ME);
      await keepCredentials({ ...login, isDockers: false }, "docker.io", ME);
      deepEqual(Object.keys(read().auths as object), ["docker.io"]);
    },
  ));

Deno.test("keepCredentials() keeps a token as one", () =>
  withHome(undefined, async ({ login, find }) => {
    const token: Credentials = { kind: "token", identityToken: "eyJ" };
    await keepCredentials(login, "a.local", token);
    deepEqual(await find("a.local"), token);
  }));

Deno.test("keepCredentials() goes through a link, which stays one", () =>
  withHome(OTHERS, async ({ login, directory, find }) => {
    const link = `${directory}/link.json`;
    Deno.symlinkSync(login.path, link);
    await keepCredentials({ ...login, path: link }, "a.local", ME);
    equal(Deno.lstatSync(link).isSymlink, true);
    deepEqual(await find("a.local"), ME);
  }));

Deno.test("keepCredentials() keeps both logins of two at the same time", () =>
  withHome(OTHERS, async ({ login, find }) => {
    await Promise.all(["x.local", "y.local"].map((registry) => keepCredentials(login, registry, ME)));
    deepEqual([await find("x.local"), await find("y.local")], [ME, ME]);
  }));

Deno.test("keepCredentials() leaves a damaged file as it is", () =>
  withHome('{"auths":', async ({ login }) => {
    await rejects(keepCredentials(login, "a.local", ME), { code: "usage", message: /it is no JSON$/ });
    equal(Deno.readTextFileSync(login.path), '{"auths":');
  }));

Deno.test("keepCredentials() says where it can't write", () =>
  withHome(undefined, async ({ login, directory }) => {
    Deno.writeTextFileSync(`${directory}/.docker`, "");
    await rejects(keepCredentials(login, "a.local", ME), {
      code: "usage",
      message: /^Cannot write credentials to ".*config\.json": /,
    });
  }));

for (const settings of [{ credsStore: "fake" }, { credHelpers: { "a.local": "fake" } }]) {
  Deno.test(`keepCredentials() gives them to the helper of ${Object.keys(settings)[0]}, which forgets them too`, () =>
    withHome({ ...OTHERS, ...settings }, async ({ login, read, find, directory }) => {
      deepEqual(await keepCredentials(login, "a.local", ME), { isPlain: false });
      deepEqual((read().auths as Record<string, unknown>)["a.local"], {});
      deepEqual(JSON.parse(Deno.readTextFileSync(`${directory}/stored`)), {
        ServerURL: "a.local",
        Username: ME.kind === "basic" && ME.username,
        Secret: ME.kind === "basic" && ME.password,
      });
      deepEqual(await find("a.local"), ME);
      equal(await forgetCredentials(login, "a.local"), true);
      equal(Deno.readTextFileSync(`${directory}/erased`), "a.local\n");
      deepEqual(Object.keys(read().auths as object).sort(), Object.keys(OTHERS.auths).sort());
    }));
}

Deno.test("forgetCredentials() tells whether there was a login, and changes nothing else", () =>
  withHome(OTHERS, async ({ login, read }) => {
    equal(await forgetCredentials(login, "b.local"), true);
    const { auths, ...rest } = read();
    deepEqual(Object.keys(auths as object), ["a.local/ns"]);
    deepEqual(Object.keys(rest), ["psFormat", "unknown"]);
    equal(await forgetCredentials(login, "b.local"), false);
  }));

Deno.test("forgetCredentials() makes no file", () =>
  withHome(undefined, async ({ login, directory }) => {
    equal(await forgetCredentials(login, "a.local"), false);
    await forgetAllCredentials(login);
    deepEqual(Array.from(Deno.readDirSync(directory), ({ name }) => name), ["docker-credential-fake"]);
  }));

Deno.test("forgetAllCredentials() takes all of the file, and all that its helpers have", () =>
  withHome(
    { ...OTHERS, credHelpers: { "c.local": "fake" }, credsStore: "fake" },
    async ({ login, read, directory }) => {
      await forgetAllCredentials(login);
      const { auths, credsStore } = read();
      deepEqual([auths, credsStore], [{}, "fake"]);
      equal(Deno.readTextFileSync(`${directory}/erased`), "c.local\na.local\nb.local\n");
    },
  ));
