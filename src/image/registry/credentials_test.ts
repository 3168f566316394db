/** Tests of credentials.ts: which file is asked, and in which order. */

import { deepEqual, rejects } from "node:assert/strict";
import { findCredentials, listCredentialFiles } from "./credentials.ts";
import { writeProgram } from "./_write_program.ts";

const LISTS: readonly (readonly [env: Record<string, string>, paths: readonly string[]])[] = [
  [{ HOME: "/h" }, [
    "/run/containers/7/auth.json",
    "/h/.config/containers/auth.json",
    "/h/.docker/config.json",
  ]],
  [{ HOME: "/h", XDG_RUNTIME_DIR: "/r", XDG_CONFIG_HOME: "/c", DOCKER_CONFIG: "/d" }, [
    "/r/containers/auth.json",
    "/c/containers/auth.json",
    "/d/config.json",
  ]],
  [{ HOME: "/h", XDG_RUNTIME_DIR: "/r", REGISTRY_AUTH_FILE: "/f" }, ["/f"]],
  [{ HOME: "", XDG_RUNTIME_DIR: "", REGISTRY_AUTH_FILE: "" }, ["/run/containers/7/auth.json"]],
];

for (const [env, paths] of LISTS) {
  Deno.test(`listCredentialFiles() with ${Object.keys(env).join(", ")}: ${paths.length}`, () => {
    deepEqual(listCredentialFiles(env, 7), { paths, env });
  });
}

async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (find: (...names: string[]) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${directory}/${name}`;
      await (name.startsWith("docker-credential-")
        ? writeProgram(path, text)
        : Deno.writeTextFile(path, text));
    }
    const env = { PATH: `${directory}:/usr/bin:/bin` };
    await test((...names) =>
      findCredentials({ paths: names.map((name) => `${directory}/${name}`), env }, "a.local", "x/y")
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** `u:p` and `v:q`. */
const [FIRST, SECOND] = ["dTpw", "djpx"].map((auth) =>
  JSON.stringify({ auths: { "a.local": { auth } } })
) as [
  string,
  string,
];
const FILES = {
  first: FIRST,
  second: SECOND,
  empty: '{"auths":{"a.local":{}}}',
  damaged: '{"auths":',
  helped: JSON.stringify({ ...JSON.parse(FIRST), credHelpers: { "a.local": "knows" } }),
  helpless: JSON.stringify({ ...JSON.parse(FIRST), credsStore: "empty" }),
  "docker-credential-knows": `echo '{"Username":"h","Secret":"s"}'`,
  "docker-credential-empty": "echo credentials not found in native keychain; exit 1",
};

const ORDERS: readonly (readonly [names: readonly string[], username: string | undefined])[] = [
  [["first", "second"], "u"],
  [["missing", "empty", "second"], "v"],
  [["first/below", "second"], "v"],
  [["helped", "second"], "h"],
  [["helpless", "second"], "u"],
  [["empty"], undefined],
  [["first", "damaged"], "u"],
];

for (const [names, username] of ORDERS) {
  Deno.test(`findCredentials() in ${names.join(", ")}`, () =>
    withFiles(FILES, async (find) => {
      const found = await find(...names) as { username?: string } | undefined;
      deepEqual(found?.username, username);
    }));
}

Deno.test("findCredentials() names the file that is damaged", () =>
  withFiles(FILES, async (find) => {
    await rejects(find("damaged", "first"), { code: "usage", message: /\/damaged": it is no JSON$/ });
  }));

Deno.test("findCredentials() names what is no file", () =>
  withFiles(FILES, async (find) => {
    await rejects(find(".", "first"), { code: "usage", message: /\/\.": Is a directory$/ });
  }));
