/** What templates refuse, and how that is said. */

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { CtrError } from "../../errors.ts";
import { isHouseMessage } from "../../../tests/lint/house_style.ts";
import { GoMap, parseTemplate } from "./template.ts";

const DATA = {
  Name: "web",
  State: { Status: "exited", Health: null },
  Mounts: [{ Source: "/a" }, { Source: "/b" }],
  Empty: [],
  Labels: new GoMap("", [["a", "1"]]),
  Label: (name: string) => name,
};

const BAD: readonly (readonly [template: string, why: string, place?: string])[] = [
  ["{{.Status", "nothing closes it", "column 1"],
  ["a\n b{{.Status", "nothing closes it", "line 2, column 3"],
  ["{{.Sttaus}}", `there is no field "Sttaus"`, "column 3"],
  ["{{.State.Foo}}", `there is no field "Foo"`, "column 3"],
  ["{{.constructor}}", "there is no field", "column 3"],
  ["{{.State.__proto__}}", "there is no field", "column 3"],
  ["é {{.Name.X}}", `a text has no field "X"`, "column 5"],
  ["{{.State.Health.Status}}", `what should have the field "Status" is nil`, "column 3"],
  ["{{foo}}", "there is no function of that name"],
  ["{{$x}}", "there is no variable of that name here"],
  ["{{$x = 1}}", "there is no variable of that name here"],
  ["{{if true}}{{$x := 1}}{{end}}{{$x}}", "there is no variable of that name here"],
  ["{{$x := $x}}", "there is no variable of that name here"],
  ["{{$x, $y := 1}}", "only {{range}} gives two values"],
  ["{{range $i, $x := 3}}{{end}}", "a number gives one value, not two"],
  [`{{range "abc"}}{{end}}`, "it is a text"],
  ["{{range .State}}{{end}}", "it is an object"],
  ["{{range .State.Health}}{{end}}", "it is nil"],
  ["{{range 10000000}}{{end}}", "it is more than 1000000"],
  ["{{if .Name}}", "it has no {{end}}"],
  ["{{range .Mounts}}{{else}}", "it has no {{end}}"],
  ["{{end}}", "there is nothing that it ends"],
  ["{{else}}", "there is nothing that it ends"],
  ["{{if 1}}{{else}}{{else}}{{end}}", "has another {{else}} before it"],
  ["{{range 1}}{{else if 1}}{{end}}", "}} must end {{else}} here"],
  ["{{if}}{{end}}", "it has no value"],
  ["{{}}", "it has no value"],
  ["{{| 1}}", "a value must stand here"],
  ["{{.Name |}}", "it has no value"],
  ["{{(.Name}}", ") must end the parentheses here"],
  ["{{.Name)}}", "}} must end the action here"],
  ["{{.Name}", `"}" cannot stand behind it`],
  ["{{.a-b}}", `"-" cannot stand behind it`],
  ["{{.Name-}}", `"-" cannot stand behind it`],
  ["{{$x+1}}", `"+" cannot stand behind it`],
  [`{{"open}}`, "nothing closes it"],
  ["{{`open}}", "nothing closes it"],
  ["{{'a}}", "nothing closes it"],
  ["{{/* open}}", "nothing closes it"],
  ["{{/* c */ 1}}", "it is not all of the action"],
  ["{{1 / 2}}", "it means nothing inside {{ }}"],
  [String.raw`{{"\z"}}`, String.raw`\z is no escape`],
  [String.raw`{{"\xff"}}`, "its bytes are no UTF-8"],
  [String.raw`{{"\ud800"}}`, String.raw`\ud800 is no character`],
  ["{{'ab'}}", "it is not one character"],
  ["{{12a}}", "it is no number"],
  ["{{089}}", "it is no number"],
  ["{{1__0}}", "it is no number"],
  ["{{1i}}", "it is no number"],
  ["{{9223372036854775808}}", "it does not fit into 64 bits"],
  ["{{1e999}}", "it is out of range"],
  ["{{nil}}", "it is no value by itself"],
  [`{{"a" "b"}}`, "it is no function"],
  [`{{"a" | 3}}`, "it is no function"],
  [`{{"a"."b"}}`, "no blank stands before it"],
  [`{{"a".b}}`, `"a" has no fields`],
  [`{{print "a""b"}}`, "no blank stands before it"],
  ["{{.Name 3}}", "it is a field, and no function"],
  ["{{.Label}}", "it takes one value, and got 0"],
  ["{{.Label 3}}", "it takes texts alone"],
  ["{{break}}", "it is in no {{range}}"],
  [`{{define "x"}}{{continue}}{{end}}`, "it is in no {{range}}"],
  [`{{if 1}}{{define "x"}}{{end}}{{end}}`, "it stands inside of another action"],
  ["{{define x}}{{end}}", "the name of a template in quotes must stand here"],
  [`{{define "a"}}{{end}}{{define "a"}}{{end}}`, "there is a template of that name already"],
  [`{{template "no"}}`, "it is not defined"],
  [`{{define "r"}}{{template "r"}}{{end}}{{template "r"}}`, "it calls itself without an end"],
  ["{{call .Name}}", "myctr gives templates no functions as values"],
  ["{{len}}", "it takes one value, and got 0"],
  ["{{and}}", "it takes at least one value, and got 0"],
  ["{{not 1 2}}", "it takes one value, and got 2"],
  ["{{len 3}}", "a whole number has no length"],
  ["{{len nil}}", "nil has no length"],
  [`{{index "abc" 3}}`, "index 3 is out of range: the length is 3"],
  ["{{index .Mounts -1}}", "index -1 is out of range: the length is 2"],
  [`{{index .Mounts "a"}}`, "an index is a whole number, not a text"],
  ["{{index .Labels 1}}", "a map has texts for keys, not a whole number"],
  [`{{index .State "Status"}}`, "an object has fields, and no index"],
  ["{{index nil 1}}", "nil has no index"],
  ["{{index .Name 0 0}}", "a whole number has no index"],
  [`{{slice "abc" 2 1}}`, "2 and 1 are not in order"],
  [`{{slice "abc" 4}}`, "index 4 is out of range: the length is 3"],
  [`{{slice "abc" 0 1 2}}`, "there are too many indices"],
  ["{{slice 3}}", "a whole number has no parts"],
  ["{{eq 1}}", "there is nothing to compare with"],
  ["{{eq 1 1.0}}", "a whole number and a number with a fraction cannot be compared"],
  [`{{eq 1 "1"}}`, "a whole number and a text cannot be compared"],
  ["{{eq .Mounts .Mounts}}", "a list cannot be compared"],
  ["{{eq .Empty nil}}", "a list that is empty cannot be compared with nil"],
  ["{{lt true false}}", "true or false has no order"],
  [`{{lt 1 "a"}}`, "a whole number and a text cannot be compared"],
  ["{{upper 3}}", "upper takes a text here, not a whole number"],
  ["{{upper .State.Health}}", "upper takes a text here, not nil"],
  [`{{join .Name ","}}`, "join takes a list of texts here, not a text"],
  [`{{pad "a" "b" 1}}`, "pad takes a whole number here, not a text"],
  [`{{pad "a" 100000 1}}`, "a width is between 0 and 10000"],
  [`{{truncate "abc" -1}}`, "the length -1 is below 0"],
  ["{{printf 3}}", "printf takes a text here, not a whole number"],
  [`{{printf "%d" "b"}}`, "%d is not for a text"],
  [`{{printf "%s" 1}}`, "%s is not for a whole number"],
  [`{{printf "%d" 1.5}}`, "%d is not for a number with a fraction"],
  [`{{printf "%s" .State.Health}}`, "%s is not for nil"],
  [`{{printf "%s %s" "a"}}`, "there is no value for %s"],
  [`{{printf "%s" "a" "b"}}`, "it has values for 2 verbs, and the text has 1"],
  [`{{printf "%z" 1}}`, `"%z" is no verb that is known here`],
  [`{{printf "100%"}}`, `"%" is no verb that is known here`],
  [`{{printf "%T" 1}}`, `"%T" is no verb that is known here`],
  [`{{printf "%#v" 1}}`, `"%#v" is no verb that is known here`],
  [`{{printf "%[1]d" 1}}`, `"%[" is no verb that is known here`],
  [`{{printf "%99999d" 1}}`, "a width is a whole number up to 10000"],
  [`{{printf "%*d" "a" 1}}`, "a width is a whole number up to 10000"],
  ["{{.Label | len}}", "it takes one value, and got 0"],
];

function errorOf(template: string): CtrError {
  try {
    parseTemplate(template).render(DATA);
  } catch (error) {
    if (error instanceof CtrError) return error;
    throw error;
  }
  throw new Error("It was taken");
}

for (const [template, why, place = "column "] of BAD) {
  Deno.test(`template refuses ${JSON.stringify(template)}: ${why}`, () => {
    const { code, message } = errorOf(template);
    equal(code, "usage");
    ok(message.includes(why), message);
    ok(message.includes(` at ${place}`), message);
    ok(isHouseMessage(message), message);
  });
}

const HINTS: readonly (readonly [template: string, hint: string])[] = [
  ["{{.Sttae}}", 'Did you mean "State"?'],
  ["{{.State.Xyzzy}}", "Write one of Status, Health"],
  ["{{uper .Name}}", 'Did you mean "upper"?'],
  ["{{Name}}", "Write .Name for a field"],
  ["{{$name := 1}}{{$nmae}}", 'Did you mean "$name"?'],
  ["{{.Name-}}", "Write a blank before -}}"],
  ["{{.a-b}}", `Write index for a name with other signs: {{index . "a-b"}}`],
  ["{{join .Name}}", `Write {{join LIST ","}}`],
  ["{{eq 1 1.0}}", "Write both as 1, or both as 1.0"],
  [`{{index .State "Statsu"}}`, 'Did you mean "Status"?'],
  [`{{index .State "xyzzy"}}`, "Write .Name for the field Name"],
  ["{{.State.Health.Status}}", "Test it by {{with}}"],
];

for (const [template, hint] of HINTS) {
  Deno.test(`template hints at ${JSON.stringify(hint)} for ${template}`, () => {
    equal(errorOf(template).hint, hint);
  });
}

Deno.test("template: what its functions can't know is a bug, not a mistake of the user", () => {
  throws(() => parseTemplate("{{.}}").render(new Map()), TypeError);
});

for (const [name, open, close] of [["if", "{{if 1}}", "{{end}}"], ["else if", "{{if 0}}{{else if 1}}", ""]]) {
  Deno.test(`template: ${name} a thousand times in itself is refused`, () => {
    const text = `${open}`.repeat(1000) + `${close}`.repeat(1000);
    ok(errorOf(text).message.includes("more than 100 parts are in one another"));
  });
}

Deno.test("template: a thousand blocks in one another are refused", () => {
  const open = Array.from({ length: 1000 }, (_, index) => `{{block "${index}" 1}}`).join("");
  ok(errorOf(open + "{{end}}".repeat(1000)).message.includes("more than 100 parts are in one another"));
});

Deno.test("template: a thousand parentheses in one another are refused", () => {
  const text = `{{${"(".repeat(1000)}1${")".repeat(1000)}}}`;
  ok(errorOf(text).message.includes("more than 100 parts are in one another"));
});

const PIECES = [
  ...'{{ }} {{- . .Name .State $ $x := = , | ( ) " ` if else end range with define template block'.split(" "),
  ...`break nil true index printf 1 -2 1.5 'a' "%s" \\n x /* */ .Labels .Mounts`.split(" "),
  " -}}",
  " ",
];

Deno.test("template: random pieces give a text or an error for users, never another one", () => {
  let seed = 1;
  const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const broken: string[] = [];
  for (let round = 0; round < 3000; round++) {
    const pieces = Array.from({ length: 1 + next(14) }, () => PIECES[next(PIECES.length)]);
    const text = pieces.join(next(2) === 0 ? "" : " ");
    try {
      parseTemplate(next(2) === 0 ? text : `{{${text}}}`).render(DATA);
    } catch (error) {
      if (!(error instanceof CtrError && error.code === "usage")) broken.push(`${text}: ${error}`);
    }
  }
  deepEqual(broken, []);
});
