import { deepEqual } from "node:assert/strict";
import { PROTOTYPES, type SymbolName, SYMBOLS } from "../../ffi/libc.ts";

const NATIVE: Readonly<Record<string, string>> = {
  "int": "i32",
  "unsigned int": "u32",
  "long": "i64",
  "size_t": "usize",
  "ssize_t": "isize",
};

function nativeOf(type: string): string {
  const plain = type.replaceAll(/\bconst\b/g, "").replaceAll(/\s+/g, " ").trim();
  return plain.endsWith("*") ? "pointer" : NATIVE[plain] ?? `unknown type "${plain}"`;
}

/** Reads `int f(char *const argv[], size_t count)` as its name and native types. */
function parsePrototype(text: string) {
  const [, result = "", name = "", list = ""] = text.match(/^(.*?)(\w+)\((.*)\)$/) ?? [];
  const parameters = list === "void" ? [] : list.split(",").map((parameter) => {
    const [, type = "", , isArray] = parameter.trim().match(/^(.*?)(\w+)(\[\])?$/) ?? [];
    return nativeOf(isArray === undefined ? type : `${type} *`);
  });
  return { name, parameters, result: nativeOf(result) };
}

for (const name of Object.keys(SYMBOLS) as SymbolName[]) {
  const row: Deno.ForeignFunction = SYMBOLS[name];
  Deno.test(`SYMBOLS.${name} agrees with its prototype`, () => {
    const parameters = row.parameters.map((type) => type === "buffer" ? "pointer" : type);
    const symbol = { name, parameters, result: row.result };
    deepEqual(symbol, parsePrototype(PROTOTYPES[name]));
  });
}

Deno.test("parsePrototype() knows pointers, arrays and void", () => {
  deepEqual(parsePrototype("ssize_t f(const void *a, unsigned int b, char *const argv[])"), {
    name: "f",
    parameters: ["pointer", "u32", "pointer"],
    result: "isize",
  });
  deepEqual(parsePrototype("int *g(void)"), { name: "g", parameters: [], result: "pointer" });
});
