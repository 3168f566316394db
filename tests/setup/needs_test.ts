import { deepEqual, equal, match } from "node:assert/strict";
import { findAccount, hasIdRange, isNeedName } from "./needs.ts";
import { requires } from "./requirements.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nmyctr-test:x:1002:1003::/home/myctr-test:/bin/bash\n";

Deno.test("findAccount() finds a user's ids and home", () => {
  const account = { name: "myctr-test", uid: 1002, gid: 1003, home: "/home/myctr-test" };
  deepEqual(findAccount(PASSWD, "myctr-test"), account);
});

Deno.test("findAccount() finds nobody by the beginning of a name", () => {
  equal(findAccount(PASSWD, "myctr"), undefined);
});

const RANGES = [
  { text: "a:100000:65536\n", found: true },
  { text: "a:100000:100\n", found: false },
  { text: "ab:100000:65536\n", found: false },
  { text: "", found: false },
] as const;

for (const { text, found } of RANGES) {
  Deno.test(`hasIdRange() says ${found} for ${JSON.stringify(text)}`, () => {
    equal(hasIdRange(text, "a"), found);
  });
}

Deno.test("isNeedName() knows no inherited property", () => {
  equal(isNeedName("toString"), false);
});

Deno.test("requires() keeps a test whose needs are met", () => {
  deepEqual(requires("title"), { name: "title", ignore: false });
});

Deno.test("MYCTR_MUST_HAVE makes a missing need a failure, and any need's absence stands in the title", async () => {
  const source = `import { requires } from ${
    JSON.stringify(new URL("requirements.ts", import.meta.url).href)
  };
    Deno.test({ ...requires("sample", "strace"), fn() {} });`;
  equal((await runSample(source, "")).code, 0);
  match((await runSample(source, "")).text, /sample \(needs strace\) \.\.\. ignored/);
  equal((await runSample(source, "strace")).code, 1);
  match((await runSample(source, "strce")).text, /"strce" is none of/);
});

/** Runs a test module where no program can be found. */
async function runSample(source: string, mustHave: string): Promise<{ code: number; text: string }> {
  const path = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    const env = { MYCTR_MUST_HAVE: mustHave, PATH: "", NO_COLOR: "1" };
    const args = ["test", "-A", "--no-config", "--no-lock", "--no-check", path];
    await Deno.writeTextFile(path, source);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(path);
  }
}
