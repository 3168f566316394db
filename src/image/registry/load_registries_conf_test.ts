/** Tests of load_registries_conf.ts: which files count. */

import { deepEqual, rejects } from "node:assert/strict";
import { loadRegistriesConf } from "./load_registries_conf.ts";

async function withHome(
  files: Readonly<Record<string, string>>,
  test: (home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${home}/.config/containers/registries.conf.d/x.conf`, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${home}/.config/containers/${name}`, text);
    }
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const rule = (name: string) => `[[registry]]\nlocation = "${name}"\n`;
const FILES = {
  "registries.conf": rule("main.com"),
  "registries.conf.d/b.conf": rule("b.com"),
  "registries.conf.d/a.conf": rule("a.com"),
  "registries.conf.d/a.txt": rule("no.com"),
  "other.conf": rule("other.com"),
};

Deno.test("loadRegistriesConf() reads a user's own file, and only what is beside it", () =>
  withHome(FILES, async (HOME) => {
    const { rules } = await loadRegistriesConf({ HOME });
    deepEqual(rules.map(({ prefix }) => prefix), ["main.com", "a.com", "b.com"]);
  }));

Deno.test("loadRegistriesConf() reads the file that CONTAINERS_REGISTRIES_CONF names in its place", () =>
  withHome(FILES, async (HOME) => {
    const named = `${HOME}/.config/containers/other.conf`;
    const { rules } = await loadRegistriesConf({ HOME, CONTAINERS_REGISTRIES_CONF: named });
    const prefixes = rules.map(({ prefix }) => prefix);
    deepEqual([prefixes[0], ...prefixes.slice(-2)], ["other.com", "a.com", "b.com"]);
  }));

Deno.test("loadRegistriesConf() names the file that is damaged", () =>
  withHome({ ...FILES, "registries.conf.d/b.conf": "[[" }, async (HOME) => {
    await rejects(loadRegistriesConf({ HOME }), {
      code: "usage",
      message: /registries\.conf\.d\/b\.conf": line 1/,
    });
  }));
