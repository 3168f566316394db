import { deepEqual, equal } from "node:assert/strict";
import { parseRequest, renderScript } from "./main.ts";

Deno.test("parseRequest() takes root where no mode is named", () => {
  deepEqual(parseRequest(["--", "id"]), { mode: "root", command: ["id"], timeoutMs: 300_000 });
});

Deno.test("parseRequest() takes a time limit and a mode", () => {
  const request = { mode: "yama", command: ["id", "-u"], timeoutMs: 5000 };
  deepEqual(parseRequest(["--timeout", "5", "yama", "--", "id", "-u"]), request);
});

for (const args of [[], ["id"], ["--"], ["nomode", "--", "id"], ["--timeout", "x", "--", "id"]]) {
  Deno.test(`parseRequest() refuses ${JSON.stringify(args)}`, () => {
    equal(parseRequest(args), undefined);
  });
}

Deno.test("renderScript() keeps words apart, and takes one word as a script", () => {
  equal(renderScript(["sh", "-c", "echo 'a b'"]), `'sh' '-c' 'echo '\\''a b'\\'''`);
  equal(renderScript(["id; pwd"]), "id; pwd");
});
