import { equal } from "node:assert/strict";
import { shellLine, shellWord } from "./shell_word.ts";

const WORDS = [
  { word: "/srv/root", written: "/srv/root" },
  { word: "", written: "''" },
  { word: "a b", written: "'a b'" },
  { word: "it's", written: "'it'\\''s'" },
  { word: "$HOME", written: "'$HOME'" },
  { word: "a\nb", written: "'a\nb'" },
] as const;

for (const { word, written } of WORDS) {
  Deno.test(`shellWord() writes ${JSON.stringify(word)} as ${JSON.stringify(written)}`, () => {
    equal(shellWord(word), written);
  });
}

Deno.test("shellLine() is read back by a shell word for word", () => {
  const words = WORDS.map(({ word }) => word);
  const script = `printf '%s\\0' ${shellLine(words)}`;
  const { stdout } = new Deno.Command("sh", { args: ["-c", script] }).outputSync();
  equal(new TextDecoder().decode(stdout), words.map((word) => `${word}\0`).join(""));
});
