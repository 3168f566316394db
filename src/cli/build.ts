/** `myctr build`: an image, by the instructions of a Containerfile. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import type { BuildRequest, Tell } from "../build/build.ts";
import { renderSize } from "../spec/render_size.ts";
import { parseLabel } from "../spec/parse_name.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { defaultNetwork } from "./default_network.ts";
import { parseNetwork } from "./parse_mode.ts";
import { reportFailure } from "./each_container.ts";
import type { Session } from "./session.ts";

const BUILD = {
  path: "myctr build",
  description: "Build an image by the instructions of a Containerfile",
  options: [
    {
      name: "arguments",
      long: "--build-arg",
      placeholder: "name[=value]",
      description: "give ARG a value; a name alone copies yours",
      parse: parseArgument,
      isRepeated: true,
    },
    {
      name: "file",
      long: "--file",
      short: "-f",
      placeholder: "file",
      kind: "file",
      description: "read the instructions there; -: standard input",
    },
    HELP_OPTION,
    {
      name: "idFile",
      long: "--iidfile",
      placeholder: "file",
      kind: "file",
      description: "write the id to a file",
    },
    {
      name: "labels",
      long: "--label",
      placeholder: "key[=value]",
      description: "give the image a label",
      parse: parseLabel,
      isRepeated: true,
    },
    {
      name: "network",
      long: "--network",
      placeholder: "mode",
      kind: ["none", "host", "private"],
      description: "of RUN: private, none, host, ... as for run",
      parse: parseNetwork,
    },
    { name: "noCache", long: "--no-cache", description: "do all steps, also those that were done before" },
    {
      name: "parseOnly",
      long: "--parse-only",
      description: "print the instructions as JSON, and do nothing",
    },
    { name: "pull", long: "--pull", description: "get the images that FROM names anew" },
    { name: "quiet", long: "--quiet", short: "-q", description: "print the id alone" },
    {
      name: "secrets",
      long: "--secret",
      placeholder: "id=name,src=file",
      description: "what RUN --mount=type=secret gets; or id=name,env=variable",
      parse: parseSecret,
      isRepeated: true,
    },
    {
      name: "tags",
      long: "--tag",
      short: "-t",
      placeholder: "name",
      kind: "image",
      description: "what it is called: NAME[:TAG]",
      isRepeated: true,
    },
    {
      name: "target",
      long: "--target",
      placeholder: "stage",
      description: "build that stage in place of the last",
    },
    {
      name: "timestamp",
      long: "--timestamp",
      placeholder: "seconds",
      description: "note that time since 1970, also of files that are newer",
      parse: parseTimestamp,
    },
  ],
  operands: [
    {
      name: "context",
      isRequired: true,
      kind: "directory",
      description: "where COPY takes files from: a directory or archive; -: stdin",
    },
  ],
  examples: [
    "myctr build -t app .",
    "myctr build -f deploy/Containerfile --build-arg VERSION=2 -t app:2 .",
    "myctr build --parse-only .",
    "myctr build prune",
  ],
} as const satisfies Declaration;

/** In place of a context: a directory of that name is ./prune. */
const PRUNE = "prune";

/** Makes an image; gives its id. */
export type Build = (request: BuildRequest, tell: Tell) => Promise<string>;

/** Makes the command; `make` is another one in tests. */
export function buildCommand(make: Build = buildImage): Runnable {
  return runnable(BUILD, (call, session) =>
    withProblems(session, async () => {
      const { operands: { context }, options } = call;
      if (context === PRUNE) return await prune(session);
      const { file, tags, labels, target, pull, network, quiet } = options;
      if (options.parseOnly) {
        return await printInstructions(session, { context, ...(file !== undefined && { file }) });
      }
      const id = await make({
        context,
        names: tags,
        arguments: options.arguments.map(({ name, value }) => [name, value ?? callerEnv()[name]]),
        labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
        ...epochOf(options.timestamp),
        isCacheUsed: !options.noCache,
        secrets: new Map(options.secrets.map((secret) => [secret.id, () => readSecret(secret)])),
        isQuiet: quiet ?? false,
        pull: pull ? "always" : "missing",
        network: network ?? defaultNetwork(),
        ...(file !== undefined && { file }),
        ...(target !== undefined && { target }),
      }, quiet ? () => {} : (line) => session.warn(`${line}\n`));
      if (options.idFile !== undefined) Deno.writeTextFileSync(options.idFile, id);
      session.print(`${id}\n`);
    }));
}

async function prune(session: Session): Promise<void> {
  const { pruneBuild } = await import("../runtime/prune_build.ts");
  const { steps, bytes } = pruneBuild();
  session.print(`Forgotten steps: ${steps}\nTotal reclaimed space: ${renderSize(bytes)}\n`);
}

/** Shows the lines that an error is about, before its message. */
async function withProblems(session: Session, act: () => Promise<void>): Promise<number> {
  return await reportFailure(session, async () => {
    try {
      await act();
    } catch (error) {
      const { Rendered } = await import("../build/rendered.ts");
      if (error instanceof CtrError && error.cause instanceof Rendered) session.warn(error.cause.text);
      throw error;
    }
  });
}

interface Argument {
  readonly name: string;
  readonly value?: string;
}

function parseArgument(text: string): Argument {
  const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (/^[a-zA-Z_][\w.-]*$/.test(name)) return { name, ...(value !== undefined && { value }) };
  throw new CtrError("usage", `Cannot use --build-arg ${JSON.stringify(text)}: it begins with no name`, {
    hint: "Write NAME=VALUE, or the name of a variable of yours",
  });
}

function parseTimestamp(text: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new CtrError("usage", `Cannot use time ${JSON.stringify(text)}: it is no number of seconds`, {
    hint: "Write seconds since 1970, as date +%s prints them",
  });
}

/** What is asked for, else what SOURCE_DATE_EPOCH says. Source: reproducible-builds.org/specs/source-date-epoch. */
function epochOf(asked: number | undefined): { readonly epochSeconds?: number } {
  const given = callerEnv().SOURCE_DATE_EPOCH;
  if (asked !== undefined) return { epochSeconds: asked };
  return given === undefined || given === "" ? {} : { epochSeconds: parseTimestamp(given) };
}

interface Secret {
  readonly id: string;
  readonly from: "src" | "env";
  readonly name: string;
}

/** `id=NAME`, and the file or the variable that has it; both are called as it is where they are not named. */
function parseSecret(text: string): Secret {
  const fields = new Map(
    text.split(",").map((part) => {
      const [key = "", value = ""] = part.split(/=(.*)/s);
      return [key === "source" ? "src" : key, value];
    }),
  );
  const unknown = [...fields.keys()].find((key) => !["id", "src", "env", "type"].includes(key));
  const id = fields.get("id") ?? "";
  if (unknown !== undefined || !/^[\w.-]+$/.test(id)) {
    throw new CtrError(
      "usage",
      `Cannot use --secret ${JSON.stringify(text)}: ${
        unknown === undefined ? "it has no id" : `there is no field ${JSON.stringify(unknown)}`
      }`,
      { hint: "Write id=NAME,src=FILE or id=NAME,env=VARIABLE" },
    );
  }
  const variable = fields.get("env");
  return variable === undefined
    ? { id, from: "src", name: fields.get("src") ?? id }
    : { id, from: "env", name: variable };
}

function readSecret({ id, from, name }: Secret): string {
  const what = `Cannot give secret ${JSON.stringify(id)}`;
  const hint = "Check what --secret names";
  if (from === "env") {
    const value = callerEnv()[name];
    if (value !== undefined) return value;
    throw new CtrError("not_found", `${what}: variable ${name} is not set`, { hint });
  }
  try {
    return Deno.readTextFileSync(name);
  } catch (cause) {
    throw new CtrError("not_found", `${what}: ${JSON.stringify(name)} can not be read`, { hint, cause });
  }
}

async function buildImage(request: BuildRequest, tell: Tell): Promise<string> {
  const [{ build }, { outputToErrors }] = await Promise.all([
    import("../build/build.ts"),
    import("../runtime/redirect_output.ts"),
  ]);
  using _redirected = outputToErrors();
  return await build(request, tell);
}

/** One object on each line; what can't be read is told on standard error, all of it. */
async function printInstructions(
  session: Session,
  { context, file }: { readonly context: string; readonly file?: string },
): Promise<void> {
  const [{ refuse }, { readContainerfile }, { parseContainerfile }] = await Promise.all([
    import("../build/build.ts"),
    import("../build/context.ts"),
    import("../build/parse_containerfile.ts"),
  ]);
  const source = await readContainerfile(context, file);
  const { instructions, problems } = parseContainerfile(source.text);
  for (const each of instructions) {
    const { name, flags, args, heredocs } = each.trigger ?? each;
    const line = {
      cmd: each.name,
      flags: flags.map((flag) => flag.value === undefined ? flag.name : `${flag.name}=${flag.value}`),
      args: each.trigger === undefined ? args : [name, ...args],
      ...(heredocs.length > 0 && { heredocs: heredocs.map(({ name, content }) => ({ name, content })) }),
    };
    session.print(`${JSON.stringify(line)}\n`);
  }
  refuse(problems, source);
}
