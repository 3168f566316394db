/** Tests of parseEnvSetting() and parseEnvFile(). */

import { deepEqual, throws } from "node:assert/strict";
import { parseEnvFile, parseEnvSetting } from "./parse_env.ts";
import type { EnvSetting } from "./request.ts";

const SETTINGS: readonly { text: string; want: EnvSetting }[] = [
  { text: "A=1", want: { name: "A", value: "1" } },
  { text: "A=", want: { name: "A", value: "" } },
  { text: "A", want: { name: "A" } },
  { text: "A=b=c", want: { name: "A", value: "b=c" } },
  { text: 'A="x" ', want: { name: "A", value: '"x" ' } },
  { text: "a b=1", want: { name: "a b", value: "1" } },
];

for (const { text, want } of SETTINGS) {
  Deno.test(`parseEnvSetting() parses ${JSON.stringify(text)}`, () => {
    deepEqual(parseEnvSetting(text), want);
  });
}

for (const text of ["", "=", "=1"]) {
  Deno.test(`parseEnvSetting() rejects ${JSON.stringify(text)}: no name`, () => {
    throws(() => parseEnvSetting(text), { code: "usage", hint: /NAME=VALUE/ });
  });
}

const FILES: readonly { name: string; text: string; want: readonly string[] }[] = [
  { name: "an empty file", text: "", want: [] },
  { name: "two lines", text: "A=1\nB=2\n", want: ["A=1", "B=2"] },
  { name: "a last line without an end", text: "A=1", want: ["A=1"] },
  { name: "a byte order mark", text: "\uFEFFA=1", want: ["A=1"] },
  { name: "lines of Windows", text: "A=1\r\nB=\r\n", want: ["A=1", "B="] },
  { name: "comments and blank lines", text: "# x\n\n  # y\n \t\nA=1#2", want: ["A=1#2"] },
  { name: "leading blanks", text: " \tA=1", want: ["A=1"] },
  { name: "quotes and trailing blanks as they are", text: `A="x" `, want: [`A="x" `] },
  { name: "no interpolation", text: "A=$B", want: ["A=$B"] },
  { name: "a name alone", text: "A", want: ["A"] },
];

for (const { name, text, want } of FILES) {
  Deno.test(`parseEnvFile() parses ${name}`, () => {
    deepEqual(
      parseEnvFile(text).map(({ name, value }) => value === undefined ? name : `${name}=${value}`),
      want,
    );
  });
}

const BAD_FILES = [
  { text: "A=1\n=2", why: "the name is empty", line: 2 },
  { text: "A B=1", why: "a blank in the name", line: 1 },
  { text: "\n\nexport A=1", why: "a word of the shell", line: 3 },
  { text: "A =1", why: "a blank behind the name", line: 1 },
  { text: "A=1\0", why: "a NUL byte", line: 1 },
  { text: "A=\uFFFD", why: "no UTF-8", line: 1 },
] as const;

for (const { text, why, line } of BAD_FILES) {
  Deno.test(`parseEnvFile() rejects ${JSON.stringify(text)}: ${why}`, () => {
    throws(() => parseEnvFile(text), { code: "usage", message: new RegExp(`^Cannot read line ${line} of`) });
  });
}
