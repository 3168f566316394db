import { deepEqual, equal } from "node:assert/strict";
import { callerEnv, parseEnviron, selfCommand } from "./caller_env.ts";

const ENVIRONS = [
  { text: "", env: {} },
  { text: "A=1\0B=two words\0", env: { A: "1", B: "two words" } },
  { text: "A=b=c\0EMPTY=\0", env: { A: "b=c", EMPTY: "" } },
  { text: "A=first\0A=second\0", env: { A: "first" } },
  { text: "noname\0=C:\0LINES=a\nb\0", env: { LINES: "a\nb" } },
  { text: "__proto__=x\0", env: JSON.parse('{"__proto__":"x"}') },
] as const;

for (const { text, env } of ENVIRONS) {
  Deno.test(`parseEnviron() reads ${JSON.stringify(text)}`, () => {
    deepEqual({ ...parseEnviron(text) }, env);
  });
}

Deno.test("callerEnv() has what the process was started with, not what was set since", () => {
  Deno.env.set("MYCTR_SET_LATER", "1");
  try {
    equal(callerEnv()["MYCTR_SET_LATER"], undefined);
    equal(callerEnv()["PATH"], Deno.env.get("PATH"));
  } finally {
    Deno.env.delete("MYCTR_SET_LATER");
  }
});

Deno.test("selfCommand() from source names deno and src/main.ts", () => {
  const command = selfCommand();
  equal(command[0], Deno.execPath());
  equal(command.at(-1), new URL("../main.ts", import.meta.url).pathname);
});
