/** Finds registries.conf, and the files beside it. Source: containers-registries.conf(5), containers-registries.conf.d(5). */

import { CtrError } from "../../errors.ts";
import { callerEnv } from "../../executable/caller_env.ts";
import { NO_CONF, type RegistriesConf } from "./registries_conf.ts";

const SYSTEM = "/etc/containers/registries.conf";

/** Reads what the caller and the machine's administrator have written. @throws {CtrError} for what can't be read */
export async function loadRegistriesConf(env = callerEnv()): Promise<RegistriesConf> {
  const files = listFiles(env).flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [{ path, text }];
  });
  if (files.length === 0) return NO_CONF;
  // Its parser is loaded where there is something to parse.
  const { mergeRegistriesConf, parseRegistriesConf } = await import("./parse_registries_conf.ts");
  return mergeRegistriesConf(files.map(({ path, text }) => parseRegistriesConf(text, path)));
}

/** The main file, then its drop-ins in the order of their names: a user's own main file leaves out the machine's. */
function listFiles(
  { HOME: home, CONTAINERS_REGISTRIES_CONF: named }: Readonly<Record<string, string>>,
): string[] {
  const own = home ? `${home}/.config/containers/registries.conf` : undefined;
  const isOwn = !named && own !== undefined && exists(own);
  const main = named || (isOwn ? own : SYSTEM);
  return [
    main,
    ...isOwn ? [] : listDropIns(`${SYSTEM}.d`),
    ...own === undefined ? [] : listDropIns(`${own}.d`),
  ];
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

function listDropIns(directory: string): string[] {
  const names = attempt(directory, () => [...Deno.readDirSync(directory)]) ?? [];
  return names.filter(({ name, isDirectory }) => name.endsWith(".conf") && !isDirectory)
    .map(({ name }) => `${directory}/${name}`).sort();
}

function read(path: string): string | undefined {
  return attempt(path, () => Deno.readTextFileSync(path));
}

/** Gives nothing where nothing is. */
function attempt<T>(path: string, ask: () => T): T | undefined {
  try {
    return ask();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return undefined;
    const why = cause instanceof Error ? cause.message.replace(/ \(os error.*$/s, "") : String(cause);
    throw new CtrError("usage", `Cannot read ${JSON.stringify(path)}: ${why}`, {
      hint: "Make it readable: it says where images come from",
      cause,
    });
  }
}
