/** Tests of parseContainerfile(): forms of instructions, continued lines, documents, and what is wrong where. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { chance } from "../../tests/chance.ts";
import { INSTRUCTIONS } from "./instruction.ts";
import { parseContainerfile } from "./parse_containerfile.ts";
import { renderProblems } from "./problem.ts";

type Row = readonly [text: string, instructions: readonly (readonly [string, ...string[]])[]];

const ROWS: readonly Row[] = [
  ["FROM a", [["from", "a"]]],
  ["from a As b", [["from", "a", "As", "b"]]],
  ["\uFEFF# c\n\n  FROM a\r\n", [["from", "a"]]],
  ["RUN a && \\\n  # no\n\n  b \\ \n c", [["run", "a &&   b  c"]]],
  ["# escape=`\nRUN a `\nb", [["run", "a b"]]],
  ["#escape = `\n# syntax=x\nRUN dir c:\\", [["run", "dir c:\\"]]],
  ["# c\n# escape=`\nRUN a \\\nb", [["run", "a b"]]],
  ["RUN a\\\\\nRUN b", [["run", "a\\\\"], ["run", "b"]]],
  ['RUN ["a", "b c"]', [["run", "a", "b c"]]],
  ["RUN ['a']", [["run", "['a']"]]],
  ["CMD", [["cmd"]]],
  ["ENV a=b c='d e' f=\\ g", [["env", "a", "b", "c", "'d e'", "f", "\\ g"]]],
  ["ENV a  b c ", [["env", "a", "b c"]]],
  ["LABEL a.b=c \\\n d=e", [["label", "a.b", "c", "d", "e"]]],
  ["ARG a b=c", [["arg", "a", "b=c"]]],
  ["COPY --from=x a b  c/", [["copy", "a", "b", "c/"]]],
  ['COPY ["a b", "/c d"]', [["copy", "a b", "/c d"]]],
  ["HEALTHCHECK --interval=5s CMD  curl x", [["healthcheck", "CMD", "curl x"]]],
  ["HEALTHCHECK none", [["healthcheck", "NONE"]]],
  ["ONBUILD  RUN  x", [["onbuild"]]],
  ["RUN <<A <<-B\na\nA\n\tb\n\tB\nUSER x", [["run", "<<A <<-B"], ["user", "x"]]],
  ["COPY <<'E F' /x\nUSER x", [["copy", "<<'E", "F'", "/x"], ["user", "x"]]],
];

for (const [text, wanted] of ROWS) {
  Deno.test(`parseContainerfile(): ${JSON.stringify(text)}`, () => {
    const { instructions, problems } = parseContainerfile(text);
    deepEqual(instructions.map(({ name, args }) => [name, ...args]), wanted);
    deepEqual(problems, []);
  });
}

Deno.test("parseContainerfile(): flags, documents and triggers", () => {
  const text = 'COPY --link --chown="a b" <<E <<-"F" /x/\n$a\nE\n\t$b\n\tF\nONBUILD COPY --from=x a b';
  const [copy, onbuild] = parseContainerfile(text).instructions;
  deepEqual(copy!.flags.map(({ name, value }) => [name, value]), [["--link", undefined], ["--chown", "a b"]]);
  deepEqual(copy!.heredocs, [
    { name: "E", content: "$a\n", isExpanded: true, isChomped: false },
    { name: "F", content: "\t$b\n", isExpanded: false, isChomped: true },
  ]);
  deepEqual([onbuild!.trigger!.name, onbuild!.trigger!.text], ["copy", "COPY --from=x a b"]);
});

const WRONG: readonly (readonly [text: string, at: string, problem: RegExp])[] = [
  ["", "1:1", /no instruction/],
  ["FROM a\nRUNN x", "2:1", /no instruction "RUNN"/],
  ["FROM a b", "1:8", /AS with a name/],
  ["FROM a AS 1", "1:11", /no name of a stage/],
  ["  COPY a", "1:3", /a source and a target/],
  ["COPY --form=x a b", "1:6", /no flag --form/],
  ["COPY \\\n  --from a b", "2:3", /--from has no value/],
  ["RUN --mount=type=x,target=/y a", "1:5", /no type "x"/],
  ["COPY --link=maybe a b", "1:6", /true or false/],
  ["ENV a=b c", "1:9", /no = in "c"/],
  ["ENV a", "1:1", /a name and a value/],
  ["ENV =b", "1:5", /no name before/],
  ['CMD ["a", 1]', "1:5", /something else in it than texts/],
  ["SHELL x", "1:1", /needs a list/],
  ["HEALTHCHECK CND x", "1:13", /knows no "CND"/],
  ["ONBUILD FROM a", "1:9", /can not stand behind ONBUILD/],
  ["RUN <<E\nx", "1:5", /document E does not end/],
  ["# escape=x\nFROM a", "1:1", /no escape character/],
  ["# syntax=a\n# syntax=b\nFROM a", "2:1", /a second time/],
];

for (const [text, at, problem] of WRONG) {
  Deno.test(`parseContainerfile(): ${JSON.stringify(text)} is wrong at ${at}`, () => {
    const [first, ...more] = parseContainerfile(text).problems;
    ok(first !== undefined && more.length === 0);
    equal(`${first.at.line}:${first.at.column}`, at);
    ok(problem.test(first.message), first.message);
  });
}

Deno.test("parseContainerfile() finds all that is wrong, and renderProblems() shows where", () => {
  const text = "FRM a\nRUN x\nCOPY --frm=x \\\n  a b\n";
  const { instructions, problems } = parseContainerfile(text);
  equal(instructions.length, 1);
  equal(
    renderProblems(problems, "F", text),
    'F:1:1: there is no instruction "FRM"\n  FRM a\n  ^\n  hint  Did you mean "FROM"?\n' +
      "F:3:6: COPY has no flag --frm\n  COPY --frm=x \\\n       ^\n" +
      '  hint  Did you mean "--from"?\n',
  );
});

const FUZZ_FILES = 100_000;
const PIECES = [
  ...INSTRUCTIONS,
  ...INSTRUCTIONS.map((name) => name.toUpperCase()),
  ...[
    " ",
    " ",
    "\n",
    "\n",
    "\\\n",
    "\r\n",
    "\t",
    "#",
    "=",
    '"',
    "'",
    "\\",
    "`",
    "$",
    "${",
    "}",
    "[",
    "]",
    ",",
    ":",
  ],
  ...[
    "<<E",
    "<<-E",
    "E\n",
    "--from=",
    "--mount=type=",
    "--",
    "a",
    "/b",
    "1",
    '["x"]',
    "# escape=`\n",
    "\0",
    "é",
    "\u{1F600}",
  ],
];

Deno.test(`parseContainerfile(): ${FUZZ_FILES} files of chance are read, or refused with a place that is in the file`, () => {
  const next = chance(7);
  for (let file = 0; file < FUZZ_FILES; file++) {
    const length = Math.floor(next() * 24);
    const text = Array.from({ length }, () => PIECES[Math.floor(next() * PIECES.length)]).join("");
    const { problems } = parseContainerfile(text);
    const lines = text.split("\n").length;
    const outside = problems.find(({ at }) => at.line < 1 || at.line > lines || at.column < 1);
    equal(outside, undefined, JSON.stringify(text));
  }
});
