import { deepEqual, equal, match } from "node:assert/strict";
import { versionCommand } from "./version.ts";
import { VERSION } from "./version_number.ts";

async function printed(...argv: readonly string[]): Promise<string> {
  let text = "";
  const session = { isDebug: false, print: (more: string) => text += more, warn: () => {} };
  equal(await versionCommand().run(argv, session), 0);
  return text;
}

Deno.test("version prints a line", async () => {
  match(await printed(), /^myctr version \d[^\n]*, deno \d[^\n]*, linux \w+\n$/);
});

Deno.test("version --format json prints what the line has", async () => {
  const { version, denoVersion, os, architecture } = JSON.parse(await printed("--format", "json"));
  equal(await printed(), `myctr version ${version}, deno ${denoVersion}, ${os} ${architecture}\n`);
});

Deno.test("version --format takes templates, with docker's names too", async () => {
  equal(await printed("--format", "{{.version}}"), `${VERSION}\n`);
  equal(await printed("-f", "{{.Client.Version}} {{.Server.Version}}"), `${VERSION} ${VERSION}\n`);
  match(await printed("-f", "{{.Server.Os}}/{{.Server.Arch}}"), /^linux\/(amd64|arm64)\n$/);
  deepEqual(JSON.parse(await printed("-f", "{{json .}}")), JSON.parse(await printed("--format", "json")));
});
