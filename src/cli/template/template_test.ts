/** What templates print. */

import { equal } from "node:assert/strict";
import { Float, GoMap, parseTemplate } from "./template.ts";

/** The expected texts are what docker 28.2.2 prints for the same templates. */
const LANGUAGE: readonly (readonly [template: string, expected: string])[] = [
  ["plain text", "plain text"],
  ['a }} b {{"{{"}} {{"}}"}} {{`}}`}}', "a }} b {{ }} }}"],
  ["{{/* comment */}}a{{- /* comment */ -}} b", "ab"],
  ["a {{- 3 -}} b", "a3b"],
  ["a {{-3}} b", "a -3 b"],
  [
    "{{true}} {{false}} {{1}} {{1.5}} {{\"x\"}} {{`raw\\n`}} {{'a'}}",
    String.raw`true false 1 1.5 x raw\n 97`,
  ],
  [String.raw`{{"q\"\\ \x41\101\u0041\U00000041\xc3\xa9"}}`, `q"\\ AAAAé`],
  ["{{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}} {{-3}} {{+3}}", "31 3 15 15 1000 -3 3"],
  [
    "{{1e3}} {{.5}} {{0x1p-2}} {{3.0}} {{1e6}} {{1234567.0}} {{123456.0}} {{1e20}} {{1e-5}} {{0.0001}} {{1e100}}",
    "1000 0.5 0.25 3 1e+06 1.234567e+06 123456 1e+20 1e-05 0.0001 1e+100",
  ],
  [String.raw`{{'\n'}} {{'\''}} {{'é'}}`, "10 39 233"],
  ["{{9223372036854775807}} {{-9223372036854775808}}", "9223372036854775807 -9223372036854775808"],
  ["{{if true}}a{{end}}{{if 0}}b{{else}}c{{end}}", "ac"],
  [`{{if 0}}a{{else if ""}}b{{else if 1.5}}c{{else}}d{{end}}`, "c"],
  [`{{with "x"}}[{{.}}]{{end}}{{with ""}}a{{else}}b{{end}}`, "[x]b"],
  ["{{with 0}}a{{else with 3}}{{.}}{{end}}", "3"],
  [`{{with $x := "v"}}{{$x}}{{.}}{{end}}`, "vv"],
  [`{{range split "a,b" ","}}<{{.}}>{{end}}`, "<a><b>"],
  [`{{range $i, $e := split "a,b" ","}}{{if $i}}, {{end}}{{$i}}={{$e}}{{end}}`, "0=a, 1=b"],
  [`{{range $e := split "a,b" ","}}{{$e}}{{.}}{{end}}`, "aabb"],
  [`{{range slice (split "a" "x") 1}}x{{else}}none{{end}}`, "none"],
  ["{{range 3}}{{.}}{{end}} {{range $i := 2}}{{$i}}{{end}} {{range 0}}x{{else}}none{{end}}", "012 01 none"],
  [`{{range split "a,b,c" ","}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}`, "ac"],
  [`{{range split "a,b,c" ","}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}`, "a"],
  [
    `{{range split "a,b" ","}}{{range split "1,2" ","}}{{if eq . "2"}}{{break}}{{end}}{{.}}{{end}}{{.}}{{end}}`,
    "1a1b",
  ],
  ["{{$x := 1}}{{$x = 2}}{{$x}}", "2"],
  ["{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"],
  ["{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"],
  ["{{if $x := 0}}a{{else}}{{$x}}{{end}}", "0"],
  [`{{$i := 9}}{{$e := ""}}{{range $i, $e = split "a,b" ","}}{{end}}{{$i}}{{$e}}`, "1b"],
  [`{{"a" | upper | printf "%s-%s" "b"}}`, "b-A"],
  [`{{1 | printf "%d %d" 2}}`, "2 1"],
  [`{{(printf "%s" "abc") | len}} {{len (printf "%s!" "abc")}} {{(1)}}`, "3 4 1"],
  [`{{"a"|upper}}{{"b"|lower|upper}}`, "AB"],
  [`{{define "x"}}<{{.}}>{{end}}{{template "x" 3}}{{template "x" "a"}}`, "<3><a>"],
  ['{{template "x" 1}}{{define "x"}}{{$}}{{end}}{{define `y`}}{{end}}{{template "y"}}', "1"],
  [`{{block "b" "v"}}[{{.}}]{{end}}`, "[v]"],
  [`{{range 2}}{{block "q" .}}{{.}};{{end}}{{end}}`, "0;1;"],
  [
    `{{define "r"}}{{if .}}{{template "r" (slice . 1)}}{{slice . 0 1}}{{end}}{{end}}{{template "r" "abc"}}`,
    "cba",
  ],
  ["{{if true -}} a {{- else -}} b {{- end}}", "a"],
  ["{{\n  1\n}}", "1"],
];

for (const [template, expected] of LANGUAGE) {
  Deno.test(`template: ${JSON.stringify(template)}`, () => {
    equal(parseTemplate(template).render({}), expected);
  });
}

/** As docker inspect has it, and some kinds of values besides. */
const DATA = {
  Id: "0123456789abcdef",
  Name: "/web",
  State: { Status: "exited", Running: false, ExitCode: 0, Health: null },
  Config: {
    Cmd: ["sh", "-c", "a && b"],
    Env: [],
    Labels: new GoMap("", [["b.c", "2"], ["a", "1"]]),
  },
  Mounts: [{ Source: "/a", RW: true }, { Source: "/b", RW: false }],
  NetworkSettings: {
    Ports: new GoMap<unknown>([], [["80/tcp", [{ HostIp: "0.0.0.0", HostPort: "8080" }]]]),
    Networks: new GoMap<unknown>(null, [["bridge", { IPAddress: "172.17.0.2" }]]),
  },
  Any: new GoMap<unknown>(undefined, [["n", 1], ["m", new GoMap(0, [["x", 2]])], ["nil", undefined]]),
  Limit: 9007199254740993n,
  Share: 0.5,
  Whole: new Float(2),
  Missing: undefined,
  Order: new GoMap(0, [["\u{ffff}", 1], ["\u{10000}", 2], ["", 0]]),
  Label: (name: string) => `<${name}>`,
  Now: () => 5,
};

const ON_DATA: readonly (readonly [template: string, expected: string])[] = [
  ["{{.State.Status}}", "exited"],
  ["{{ .State.Status | upper }}", "EXITED"],
  ["{{.Name}}: {{.State.ExitCode}} {{.State.Running}}", "/web: 0 false"],
  ['{{slice .Id 0 12}} {{truncate .Id 12}} {{printf "%.12s" .Id}}', "0123456789ab 0123456789ab 0123456789ab"],
  ["{{if eq .State.ExitCode 0}}ok{{else}}bad{{end}}", "ok"],
  [`{{if and (eq .State.Status "exited") (not .State.Running)}}x{{end}}`, "x"],
  ["{{range .Mounts}}{{.Source}} {{end}}", "/a /b "],
  ["{{range .Mounts}}{{if .RW}}{{.Source}}{{else}}{{$.Name}}{{end}};{{end}}", "/a;/web;"],
  ["{{range $i, $m := .Mounts}}{{$i}}{{$m.Source}}{{end}}", "0/a1/b"],
  ["{{(index .Mounts 1).Source}} {{len .Mounts}}", "/b 2"],
  ["{{json .Config}}", `{"Cmd":["sh","-c","a && b"],"Env":[],"Labels":{"a":"1","b.c":"2"}}`],
  ["{{json .State}}", `{"Status":"exited","Running":false,"ExitCode":0,"Health":null}`],
  ["{{json .Limit}} {{json .Whole}} {{json .Share}} {{json .Missing}}", "9007199254740993 2 0.5 null"],
  [`{{index .NetworkSettings.Ports "80/tcp" 0}}`, "{0.0.0.0 8080}"],
  [`{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}`, "8080"],
  [`{{range $p, $c := .NetworkSettings.Ports}}{{$p}} -> {{(index $c 0).HostPort}}{{end}}`, "80/tcp -> 8080"],
  [`{{index .NetworkSettings.Ports "81/tcp"}}`, "[]"],
  [`{{with index .NetworkSettings.Ports "81/tcp"}}x{{else}}none{{end}}`, "none"],
  ["{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.17.0.2"],
  ["{{.NetworkSettings.Networks.bridge.IPAddress}}", "172.17.0.2"],
  [`{{index .NetworkSettings.Networks "none"}}`, "<nil>"],
  ["{{range $k, $v := .Config.Labels}}{{$k}}={{$v}}{{println}}{{end}}", "a=1\nb.c=2\n"],
  ["{{range .Config.Labels}}{{.}}{{end}}", "12"],
  ["{{.Config.Labels}}", "map[a:1 b.c:2]"],
  ["{{.Config.Labels.a}} {{.Config.Labels.none}}", "1 <no value>"],
  [`{{index .Config.Labels "b.c"}}|{{index .Config.Labels "none"}}|`, "2||"],
  [`{{if index .Config.Labels "a"}}yes{{end}}`, "yes"],
  [`{{join .Config.Cmd " "}}`, "sh -c a && b"],
  ["{{.Config.Cmd}} {{.Config.Env}}", "[sh -c a && b] []"],
  ["{{range .Config.Env}}x{{else}}none{{end}}", "none"],
  ["{{with .State.Health}}{{.Status}}{{else}}no health check{{end}}", "no health check"],
  [
    "{{.State.Health}} {{if .State.Health}}x{{end}} {{eq .State.Health nil}} {{ne .Name nil}}",
    "<nil>  true true",
  ],
  ["{{.State}}", "{exited false 0 <nil>}"],
  [`{{printf "%+v" .State}}`, "{Status:exited Running:false ExitCode:0 Health:<nil>}"],
  ["{{.Mounts}}", "[{/a true} {/b false}]"],
  [
    "{{.Any.none}} {{.Any.none.deeper}} {{.Any.nil}} {{.Missing}}",
    "<no value> <no value> <no value> <no value>",
  ],
  [
    `{{index .Any "none"}} {{print .Any.none}} {{.Any.m.x}} {{.Any.m.y}} {{index .Any "m" "y"}}`,
    "<no value> <nil> 2 <no value> 0",
  ],
  ["{{.Any}}", "map[m:map[x:2] n:1 nil:<nil>]"],
  ["{{range .Missing}}x{{else}}none{{end}}", "none"],
  ["{{.Limit}} {{.Share}} {{.Whole}} {{eq .Whole 2.0}}", "9007199254740993 0.5 2 true"],
  [`{{printf "%.1f%% %5.2f" .Share .Whole}}`, "0.5%  2.00"],
  [`{{.Label "a"}} {{"b" | .Label}} {{len (.Label "cd")}} {{$.Label "x"}}`, "<a> <b> 4 <x>"],
  ['{{.Now}} {{printf "%d" .Now}} {{if eq .Now 5}}x{{end}}', "5 5 x"],
  ["{{with .Config}}{{with .Cmd}}{{index . 0}}{{end}}{{end}}", "sh"],
  ["{{$c := .Config}}{{len $c.Cmd}}{{$c.Labels.a}}", "31"],
  ["{{range $k, $v := .Order}}{{$v}}{{end}}", "012"],
  ['{{range .Mounts}}{{template "m" .}}{{end}}{{define "m"}}[{{.Source}}]{{end}}', "[/a][/b]"],
  ["{{- range .Mounts}}\n  {{.Source}}\n{{- end}}", "\n  /a\n  /b"],
  ["{{html .Config.Labels}} {{urlquery .Name}} {{js .Name}}", "map[a:1 b.c:2] %2Fweb /web"],
  [String.raw`{{.Name}}\t{{.Id}}\n`, String.raw`/web\t0123456789abcdef\n`],
];

for (const [template, expected] of ON_DATA) {
  Deno.test(`template on data: ${JSON.stringify(template)}`, () => {
    equal(parseTemplate(template).render(DATA), expected);
  });
}

Deno.test("template: a getter is read only where it is asked for", () => {
  let reads = 0;
  const data = {
    Name: "x",
    get Size(): number {
      return ++reads;
    },
  };
  const template = parseTemplate("{{.Name}}{{if .Name}}{{else}}{{.Size}}{{end}}");
  equal(template.render(data), "x");
  equal(reads, 0);
});

Deno.test("template: a character that is cut through is left out", () => {
  equal(parseTemplate(`{{truncate "aé" 2}}{{slice "éa" 1}}`).render({}), "aa");
});
