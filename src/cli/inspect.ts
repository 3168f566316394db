/** `myctr inspect` and `myctr image inspect`: show all that is known of containers and images, as docker does. */

import { CtrError } from "../errors.ts";
import type { ContainerFacts } from "../runtime/inspect.ts";
import type { ImageFacts } from "../runtime/show_images.ts";
import { ANNOTATION } from "../spec/types.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration, ValueRow } from "./declaration.ts";
import { CONTAINERS } from "./each_container.ts";
import { renderHidden } from "./hidden_size.ts";
import { noFormat } from "./no_format.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/** Reads what is known of a container. @throws {CtrError} where there is none */
export type InspectContainer = (
  reference: string,
  options: { readonly isSized: boolean },
) => Promise<ContainerFacts>;

/** Reads what is known of an image; undefined where there is none. */
export type InspectImage = (reference: string) => Promise<ImageFacts | undefined>;

const FORMAT_OPTION = {
  name: "format",
  long: "--format",
  short: "-f",
  placeholder: "format",
  kind: ["json"],
  description: "a template as docker has them, or json: on one line",
} as const satisfies ValueRow;

const INSPECT = {
  path: "myctr inspect",
  description: "Show all that is known of containers and images",
  options: [
    FORMAT_OPTION,
    HELP_OPTION,
    { name: "run", long: "--run", description: "print the command line that made it" },
    { name: "size", long: "--size", short: "-s", description: "measure how much room it takes" },
    {
      name: "type",
      long: "--type",
      placeholder: "type",
      kind: ["container", "image"],
      description: "what it is: container or image; else a container goes first",
      parse: parseType,
    },
  ],
  operands: [{ ...CONTAINERS, description: "names, ids, or the first letters of ids" }],
  examples: [
    "myctr inspect web",
    "myctr inspect --format {{.State.ExitCode}} web db",
    "myctr inspect --run web",
  ],
} as const satisfies Declaration;

const INSPECT_IMAGE = {
  path: "myctr image inspect",
  description: "Show all that is known of images",
  options: [FORMAT_OPTION, HELP_OPTION],
  operands: [{
    name: "image",
    isRequired: true,
    isVariadic: true,
    kind: "image",
    description: "names, ids, or the first letters of ids",
  }],
  examples: ["myctr image inspect alpine", "myctr image inspect --format '{{.Config.Env}}' alpine"],
} as const satisfies Declaration;

/** Makes the command; those that look are others in tests. */
export function inspectCommand(
  inspect: InspectContainer = inspectContainer,
  maybeImage: InspectImage = maybeInspectImage,
): Runnable {
  return runnable(INSPECT, async ({ operands, options: { format, size, run, type } }, session) => {
    if (run && format !== undefined) {
      throw new CtrError("usage", "Cannot use --run with --format: each is an output of its own", {
        hint: "Leave out one of the two",
      });
    }
    const render = run ? renderCommands : await chooseFormat(format);
    const look = (reference: string) =>
      findEither(reference, {
        type,
        container: () => inspect(reference, { isSized: size === true }),
        image: () => maybeImage(reference),
      });
    return await showAll(operands.container, { look, render, session });
  });
}

/** Makes `myctr image inspect`; `maybeImage` is another one in tests. */
export function inspectImageCommand(maybeImage: InspectImage = maybeInspectImage): Runnable {
  return runnable(INSPECT_IMAGE, async ({ operands, options: { format } }, session) => {
    const render = await chooseFormat(format);
    const look = (reference: string) => findImage(reference, () => maybeImage(reference));
    return await showAll(operands.image, { look, render, session });
  });
}

/** What was found under a name. */
type Found = { readonly container: ContainerFacts } | { readonly image: ImageFacts };

interface Look {
  readonly type: string | undefined;
  readonly container: () => Promise<ContainerFacts>;
  readonly image: () => Promise<ImageFacts | undefined>;
}

/** As docker: a container goes before an image of that name. */
async function findEither(reference: string, { type, container, image }: Look): Promise<Found> {
  if (type === "image") return await findImage(reference, image);
  try {
    return { container: await container() };
  } catch (error) {
    if (type === "container" || !(error instanceof CtrError) || error.code !== "not_found") throw error;
    const found = await image();
    if (found !== undefined) return { image: found };
    const what = `there is no container and no image of that name or id`;
    throw new CtrError("not_found", `Cannot find ${JSON.stringify(reference)}: ${what}`, {
      hint: 'See "myctr list -a" and "myctr images"',
    });
  }
}

async function findImage(reference: string, image: Look["image"]): Promise<Found> {
  const found = await image();
  if (found !== undefined) return { image: found };
  throw new CtrError("not_found", `Cannot find image ${JSON.stringify(reference)}: it is not in the store`, {
    hint: `See "myctr images"`,
  });
}

interface Showing {
  readonly look: (reference: string) => Promise<Found>;
  readonly render: Render;
  readonly session: Session;
}

async function showAll(references: readonly string[], { look, render, session }: Showing): Promise<number> {
  const failures: CtrError[] = [];
  const found: Found[] = [];
  for (const reference of references) {
    try {
      found.push(await look(reference));
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      failures.push(error);
    }
  }
  session.print(await render(found));
  session.warn(found.map(renderHiddenOf).join(""));
  tell(failures, session);
  return failures.length === 0 ? 0 : 1;
}

function renderHiddenOf(found: Found): string {
  if ("image" in found) return "";
  const { state, size } = found.container;
  return renderHidden(state.name, size?.hiddenCount ?? 0);
}

function tell(failures: readonly CtrError[], session: Session): void {
  for (const error of failures) session.warn(report(error, session).text);
}

type Render = (found: readonly Found[]) => Promise<string>;

/** A mistake in a template is found before anything is done. */
async function chooseFormat(format: string | undefined): Promise<Render> {
  if (format === undefined) {
    return async (found) => `${indentJson(await objectsOf(found))}\n`;
  }
  if (format === "json") {
    const { encodeJson } = await import("./template/encode_json.ts");
    return async (found) => `${encodeJson(await objectsOf(found))}\n`;
  }
  if (!format.includes("{{")) throw noFormat(format, ["json"]);
  const { parseTemplate } = await import("./template/template.ts");
  const template = parseTemplate(format);
  return async (found) => {
    const lines = (await objectsOf(found)).map((object) => `${template.render(object)}\n`);
    // As docker does: a line is read where one is waited for.
    return lines.length === 0 ? "\n" : lines.join("");
  };
}

async function objectsOf(found: readonly Found[]): Promise<readonly unknown[]> {
  return await Promise.all(found.map(async (each) => {
    if ("image" in each) return (await import("./inspect/image_object.ts")).buildImageObject(each.image);
    const { buildContainerObject, inspectedOf } = await import("./inspect/container_object.ts");
    return buildContainerObject(inspectedOf(each.container));
  }));
}

/** Maps of a template are objects in JSON. */
function indentJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) =>
      each instanceof Map ? Object.fromEntries([...each].sort(([a], [b]) => a < b ? -1 : 1)) : each,
    4,
  );
}

async function renderCommands(found: readonly Found[]): Promise<string> {
  const { shellLine } = await import("../plan/shell_word.ts");
  const lines = found.map((each) => {
    if ("image" in each) {
      throw new CtrError("usage", "Cannot tell what made an image: only containers keep it", {
        hint: `See "myctr history"`,
      });
    }
    const { spec, state } = each.container;
    const kept = spec.annotations[ANNOTATION.createCommand];
    if (kept === undefined) {
      throw new CtrError("bad_state", `Cannot tell what made container "${state.name}": it was not kept`, {
        hint: "Containers of older versions do not have it",
      });
    }
    return shellLine(JSON.parse(kept));
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Docker's types, of things that are not there yet. */
const LATER_TYPES: readonly string[] = [
  "network",
  "volume",
  "plugin",
  "node",
  "service",
  "task",
  "secret",
  "config",
];

function parseType(text: string): string | undefined {
  if (text === "container" || text === "image") return text;
  if (text === "") return undefined;
  const isLater = LATER_TYPES.includes(text);
  throw new CtrError(
    isLater ? "unsupported" : "usage",
    `Cannot use --type ${JSON.stringify(text)}: ${isLater ? "it is not there yet" : "there is no such type"}`,
    { hint: "Write --type container or --type image, or leave it out" },
  );
}

async function inspectContainer(
  reference: string,
  options: { readonly isSized: boolean },
): Promise<ContainerFacts> {
  return (await import("../runtime/inspect.ts")).inspectContainer(reference, options);
}

async function maybeInspectImage(reference: string): Promise<ImageFacts | undefined> {
  return (await import("../runtime/show_images.ts")).maybeInspectImage(reference);
}
