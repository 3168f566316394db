/** Tests of credential_helper.ts, with programs made for them. */

import { deepEqual, rejects } from "node:assert/strict";
import { getFromHelper, type HelperRun } from "./credential_helper.ts";
import { writeProgram } from "./_write_program.ts";

async function withHelper(script: string, test: (run: HelperRun) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const program = `${directory}/docker-credential-fake`;
    await writeProgram(program, script);
    const env = { PATH: `${directory}:/usr/bin:/bin`, OWN: "yes" };
    await test({ kind: "helper", name: "fake", server: "a.local", path: "/h/config.json", env });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const ANSWERS: readonly (readonly [why: string, script: string, found: unknown])[] = [
  [
    "name and secret, for the server on its input",
    'read -r s || :; printf \'{"ServerURL":"%s","Username":"%s","Secret":"%s"}\' "$s" "$1" "$s"',
    { kind: "basic", username: "get", password: "a.local" },
  ],
  ["a token", `echo '{"Username":"<token>","Secret":"eyJ"}'`, { kind: "token", identityToken: "eyJ" }],
  ["nothing known", "echo credentials not found in native keychain; exit 1", undefined],
  ["nothing in it", `echo '{"Username":"","Secret":""}'`, undefined],
  ["its own environment", `printf '{"Username":"%s","Secret":"%s"}' "$OWN" "$HOME"`, {
    kind: "basic",
    username: "yes",
    password: "",
  }],
  ["its input unread", `exec </dev/null; echo '{"Username":"a","Secret":"b"}'`, {
    kind: "basic",
    username: "a",
    password: "b",
  }],
];

for (const [why, script, found] of ANSWERS) {
  Deno.test(`getFromHelper() takes ${why}`, () =>
    withHelper(script, async (run) => deepEqual(await getFromHelper(run), found)));
}

const FAILURES: readonly (readonly [why: string, script: string, message: RegExp])[] = [
  [
    "fails with words",
    "echo the keychain is locked; exit 1",
    /by docker-credential-fake: the keychain is locked$/,
  ],
  ["fails on standard error", "echo locked >&2; exit 1", /: locked$/],
  ["fails without a word", "exit 1", /: it fails without a word$/],
  ["answers no JSON", "echo hello", /its answer has no Username and Secret/],
  ["answers null", "echo null", /its answer has no Username and Secret/],
  ["answers half of it", `echo '{"Username":"a"}'`, /its answer has no Username and Secret/],
  ["does not end", "exec sleep 60", /: it does not end$/],
];

for (const [why, script, message] of FAILURES) {
  Deno.test(`getFromHelper() says that a helper ${why}`, () =>
    withHelper(script, async (run) => {
      const patienceMs = script.includes("sleep") ? 300 : 60_000;
      await rejects(getFromHelper({ ...run, patienceMs }), { code: "bad_state", message });
    }));
}

Deno.test("getFromHelper() says that a helper is missing, and which file names it", () =>
  withHelper("", async (run) => {
    await rejects(getFromHelper({ ...run, name: "none" }), {
      code: "unsupported",
      message: "Cannot get credentials of a.local: docker-credential-none is not installed",
      hint: "Install it, or take none out of /h/config.json",
    });
  }));

Deno.test("getFromHelper() says that a helper is no program", () =>
  withHelper("", async (run) => {
    const program = `${run.env.PATH!.split(":", 1)[0]}/docker-credential-fake`;
    await Deno.chmod(program, 0o600);
    await rejects(getFromHelper(run), {
      code: "unsupported",
      message: /can not be executed$|is not installed$/,
    });
  }));
