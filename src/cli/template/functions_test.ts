/** What functions print. The expected texts are what docker 28.2.2 prints for the same templates. */

import { equal } from "node:assert/strict";
import { parseTemplate } from "./template.ts";

const ROWS: readonly (readonly [template: string, expected: string])[] = [
  [`{{print 1 2 "a" "b" 3 4.5 true nil}}`, "1 2ab3 4.5 true <nil>"],
  [`{{print "a" "b"}}|{{print}}|{{print true false}}`, "ab||true false"],
  [`{{println "a" 1 nil}}x`, "a 1 <nil>\nx"],
  ["{{println}}x", "\nx"],
  [`{{len "é"}} {{len "abc"}} {{len (split "a,b" ",")}}`, "2 3 2"],
  [`{{index "abc" 1}} {{index (split "a,b" ",") 1}} {{index 3}}`, "98 b 3"],
  [`{{slice "abcdef" 2 4}} {{slice "abc"}} {{slice "abc" 1}} [{{slice "abc" 3}}]`, "cd abc bc []"],
  [`{{slice (split "a,b,c" ",") 1}} {{slice (split "a,b,c" ",") 0 1 2}}`, "[b c] [a]"],
  [`{{and 1 0 2}} {{and 1 2 3}} {{and true false}} {{and ""}}`, "0 3 false "],
  [`{{or 0 "" "x"}} {{or 0 ""}}| {{or 3 2}}`, "x | 3"],
  [`{{and 0 (index "a" 9)}} {{or 1 (index "a" 9)}}`, "0 1"],
  [`{{1 | and 0}} {{"" | or 5}} {{3 | or 0}}`, "0 5 3"],
  [`{{not 0}} {{not "x"}} {{not nil}} {{not 0.0}}`, "true false true true"],
  [`{{eq 1 1}} {{eq 1 2 3 1}} {{eq "a" "b"}} {{eq true true}} {{eq 1.5 1.5}}`, "true true false true true"],
  [`{{eq nil nil}} {{eq "a" nil}} {{ne (split "a" ",") nil}}`, "true false true"],
  [`{{ne 1 2}} {{ne "a" "a"}}`, "true false"],
  [
    `{{lt 1 2}} {{le 2 2}} {{gt 3 2}} {{ge 1.5 2.5}} {{lt "Z" "a"}} {{gt "b" "a"}}`,
    "true true true false true true",
  ],
  [String.raw`{{html "<a href='x'>" "&" "\""}}`, "&lt;a href=&#39;x&#39;&gt;&amp;&#34;"],
  [
    String.raw`{{js "it's <b>\n\\=é\u00a0\u007f&"}}`,
    "it\\'s \\u003Cb\\u003E\\u000A\\\\\\u003Dé\\u00A0\u007f\\u0026",
  ],
  [`{{urlquery "a b&c=d/é!*()~" 1}}`, "a+b%26c%3Dd%2F%C3%A9%21%2A%28%29~1"],
  ["{{html nil}} {{print nil 1}}", "&lt;no value&gt; <nil> 1"],
  [String.raw`{{json "a<b>&\"\\\n\u2028\u0001é"}}`, String.raw`"a<b>&\"\\\n\u2028\u0001é"`],
  [
    `{{json true}} {{json 1}} {{json 1.5}} {{json nil}} {{json (split "a,b" ",")}}`,
    `true 1 1.5 null ["a","b"]`,
  ],
  ["{{json 100.0}} {{json 1e21}} {{json 1e-7}}", "100 1e+21 1e-7"],
  [`{{join (split "a b c" " ") ", "}}`, "a, b, c"],
  [`{{split "a,b" ","}} {{split "abc" ""}} {{split "" ","}} {{split "a" "xyz"}}`, "[a b] [a b c] [] [a]"],
  [`{{lower "ÀB"}} {{upper "aé"}} {{upper "straße"}}`, "àb AÉ STRAßE"],
  [`{{title "hello wOrld-foo_bar 3x a.b éa"}}`, "Hello WOrld-Foo_bar 3x A.B Éa"],
  [`{{pad "a" 1 2}}|{{pad "" 1 2}}|`, " a  ||"],
  [`{{truncate "abc" 2}} {{truncate "abc" 3}} {{truncate "abc" 9}} [{{truncate "abc" 0}}]`, "ab abc abc []"],
];

const PRINTF: readonly (readonly [template: string, expected: string])[] = [
  [`{{printf "%d" 42}}`, "42"],
  [`{{printf "%5d|%-5d|%05d" 42 42 42}}`, "   42|42   |00042"],
  [`{{printf "%+d|% d" 42 42}}`, "+42| 42"],
  [`{{printf "%x|%X|%#x|%#X" 255 255 255 255}}`, "ff|FF|0xff|0XFF"],
  [`{{printf "%o|%#o|%O|%b|%#b" 8 8 8 5 5}}`, "10|010|0o10|101|0b101"],
  [`{{printf "%.4d|%8.4d|%.0d|" 42 42 0}}`, "0042|    0042||"],
  [`{{printf "%05d|%+05d|%x" -42 42 -255}}`, "-0042|+0042|-ff"],
  [`{{printf "%c|%q|%U" 233 65 233}}`, "é|'A'|U+00E9"],
  [`{{printf "%+v %v" 1 1}}`, "1 1"],
  [`{{printf "%d" 9223372036854775807}}`, "9223372036854775807"],
  [`{{printf "%5.2f|%8.3f|%-8.2f|%08.2f" 3.14159 3.14159 1.5 -3.14159}}`, " 3.14|   3.142|1.50    |-0003.14"],
  [`{{printf "%.0f %.0f %.0f %.1f %.2f" 0.5 1.5 2.5 0.25 1.005}}`, "0 2 2 0.2 1.00"],
  [`{{printf "%e|%E|%.3e|%.0e" 1234.5 5.0 0.00012345 2.5}}`, "1.234500e+03|5.000000E+00|1.234e-04|2e+00"],
  [
    `{{printf "%g|%G|%.3g|%.10g|%.2g" 1e7 1e-7 1234.5 1234.5 0.0001234}}`,
    "1e+07|1E-07|1.23e+03|1234.5|0.00012",
  ],
  [`{{printf "%f %g %v" 0.0 0.0 100000.0}}`, "0.000000 0 100000"],
  [`{{printf "%+.1f|%6.1f" 2.0 2.25}}`, "+2.0|   2.2"],
  [`{{printf "%s|%10s|%-10s|" "a" "r" "l"}}`, "a|         r|l         |"],
  [`{{printf "%.2s|%5.1s" "ééé" "xyz"}}`, "éé|    x"],
  [`{{printf "%05s" "ab"}}`, "000ab"],
  [
    String.raw`{{printf "%q" "a\tb\"\\\u00e9\u200b\n\x00\x7f\u00a0\U0001F600"}}`,
    String.raw`"a\tb\"\\é\u200b\n\x00\x7f\u00a0😀"`,
  ],
  [String.raw`{{printf "%#q" "a\\b"}}`, "`a\\b`"],
  [`{{printf "%x|%X|% x|%#x" "hi" "hé" "hi" "hi"}}`, "6869|68C3A9|68 69|0x6869"],
  [`{{printf "%t|%v|%6t|%-6v|" true false true false}}`, "true|false|  true|false |"],
  [`{{printf "%v|%6v|%-6v|" nil nil nil}}`, "<nil>| <nil>|<nil> |"],
  [`{{printf "%s %d" nil nil}}`, "%!s(<nil>) %!d(<nil>)"],
  [`{{printf "%v %s %q" (split "a b" " ") (split "a b" " ") (split "a b" " ")}}`, `[a b] [a b] ["a" "b"]`],
  [`{{printf "%4v|%x" (split "a b" " ") (split "a b" " ")}}`, "[   a    b]|[61 62]"],
  [`{{printf "%d%%" 50}}`, "50%"],
  [`{{printf "%*d|%-*d|%.*f" 5 3 4 2 1 2.55}}`, "    3|2   |2.5"],
  [`{{printf "no verbs"}}`, "no verbs"],
];

for (const [template, expected] of [...ROWS, ...PRINTF]) {
  Deno.test(`functions: ${JSON.stringify(template)}`, () => {
    equal(parseTemplate(template).render({}), expected);
  });
}
