/** Builds an image: one stage after the other, and of each one instruction after the other. */

import { CtrError } from "../errors.ts";
import { type Descriptor, MEDIA, parseObject, type Platform } from "../image/manifest.ts";
import { platformOf } from "../image/platform.ts";
import { writeManifest } from "../image/read_archive.ts";
import type { ImageStore } from "../image/store.ts";
import { adding } from "../runtime/adding.ts";
import { targetName } from "../runtime/images.ts";
import { fetchImage } from "../runtime/fetch_image.ts";
import { maybeFindImage } from "../runtime/find_image.ts";
import type { PullPolicy, RunRequest } from "../spec/request.ts";
import { Rendered } from "./rendered.ts";
import { openContext, readContainerfile, type Source } from "./context.ts";
import { type ImageConfiguration } from "./image_state.ts";
import type { Instruction } from "./instruction.ts";
import { isPacked, openPacked } from "./packed_context.ts";
import { parseContainerfile } from "./parse_containerfile.ts";
import { type Problem, ProblemError, renderProblems } from "./problem.ts";
import {
  declare,
  divideStages,
  maybeTarget,
  neededStages,
  type Stage,
  type Stages,
  targetHint,
} from "./stages.ts";
import { type BuiltStage, StageBuilder } from "./stage_builder.ts";

/** What `myctr build` is asked for. */
export interface BuildRequest {
  readonly context: string;
  /** `-`: standard input. */
  readonly file?: string;
  /** As typed. */
  readonly names: readonly string[];
  /** Without a value: the caller's own. */
  readonly arguments: readonly (readonly [name: string, value: string | undefined])[];
  readonly labels: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly pull: PullPolicy;
  readonly network: RunRequest["network"];
  /** What --secret names: read when a command asks for it. */
  readonly secrets: ReadonlyMap<string, () => string>;
  /** Since 1970: noted in place of the time of the build. */
  readonly epochSeconds?: number;
  /** Whether steps that were done before are taken as they are. */
  readonly isCacheUsed: boolean;
  /** Whether nothing of what commands write is shown. */
  readonly isQuiet: boolean;
}

/** What of an image's document a build goes on with. */
interface ImageDocument extends Platform {
  readonly config?: ImageConfiguration;
  readonly history?: readonly unknown[];
  readonly author?: string;
  readonly created?: string;
}

/** What begins with nothing has docker's PATH. */
const SCRATCH = { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] } as const;

/** Says how far a build is. */
export type Tell = (line: string) => void;

/** Variables that every Containerfile may use without ARG where they are given. */
const PROXIES = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"].flatMap((
  name,
) => [name, name.toUpperCase()]);

/** Those of the platform. Source: Dockerfile reference, "Automatic platform ARGs in the global scope". */
function platformArguments(): ReadonlyMap<string, string> {
  const { os, architecture } = platformOf(Deno.build.arch);
  return new Map(["TARGET", "BUILD"].flatMap((side) => [
    [`${side}PLATFORM`, `${os}/${architecture}`],
    [`${side}OS`, os],
    [`${side}ARCH`, architecture],
    [`${side}VARIANT`, ""],
  ]));
}

/** Reads and divides a file. @throws {CtrError} with all that is wrong with it */
export function readStages(
  { name, text }: Source,
  given: ReadonlyMap<string, string | undefined>,
): Stages & { readonly escape: string } {
  const file = parseContainerfile(text);
  const stages = divideStages(file, { given, predefined: platformArguments() });
  refuse(stages.problems, { name, text });
  return { ...stages, escape: file.escape };
}

/** Throws where there are problems. */
export function refuse(problems: readonly Problem[], { name, text }: Source): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "one error" : `${problems.length} errors`;
  throw new CtrError("usage", `Cannot build: ${name} has ${count}`, {
    cause: new Rendered(renderProblems(problems, name, text)),
  });
}

/** Builds it; gives the image's id. @throws {CtrError} */
export async function build(request: BuildRequest, tell: Tell): Promise<string> {
  if (!isPacked(request.context)) return await buildIn(request, tell);
  if (request.context === "-" && request.file === "-") {
    throw new CtrError("usage", "Cannot read both the context and the file from standard input", {
      hint: "Leave out --file: instructions alone are understood too",
    });
  }
  await using packed = await openPacked(request.context);
  const { path, text } = packed;
  const file = request.file === undefined || request.file === "-" ? request.file : `${path}/${request.file}`;
  return await buildIn({ ...request, context: path, ...(file !== undefined && { file }) }, tell, text);
}

async function buildIn(request: BuildRequest, tell: Tell, text?: string): Promise<string> {
  const source = text === undefined
    ? await readContainerfile(request.context, request.file)
    : { name: "standard input", text };
  const given = new Map(request.arguments);
  const divided = readStages(source, given);
  const target = maybeTarget(divided.stages, request.target);
  if (target === undefined) {
    throw new CtrError(
      "usage",
      `Cannot build stage ${JSON.stringify(request.target)}: ${source.name} does not have it`,
      {
        hint: targetHint(divided.stages, request.target!),
      },
    );
  }
  for (const name of request.names) targetName(name);
  try {
    return await adding((store) => new Build(store, { request, source, divided, given, tell }).run(target));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { problem } = error;
    throw new CtrError(
      "bad_state",
      `Cannot build: line ${problem.at.line} of ${source.name}: ${problem.message}`,
      {
        hint: problem.hint,
        cause: new Rendered(
          renderProblems([{ at: problem.at, message: problem.message }], source.name, source.text),
        ),
      },
    );
  }
}

interface BuildInputs {
  readonly request: BuildRequest;
  readonly source: Source;
  readonly divided: ReturnType<typeof readStages>;
  readonly given: ReadonlyMap<string, string | undefined>;
  readonly tell: Tell;
}

class Build {
  readonly #store: ImageStore;
  readonly #inputs: BuildInputs;
  readonly #built = new Map<number, BuiltStage>();

  constructor(store: ImageStore, inputs: BuildInputs) {
    this.#store = store;
    this.#inputs = inputs;
  }

  async run(target: Stage): Promise<string> {
    const { divided, request } = this.#inputs;
    using context = openContext(request.context, request.file);
    for (const stage of neededStages(divided.stages, target)) {
      this.#built.set(stage.index, await this.#stage(stage, context));
    }
    return await this.#write(this.#built.get(target.index)!);
  }

  async #stage(stage: Stage, context: ReturnType<typeof openContext>): Promise<BuiltStage> {
    const { divided, given, request, tell } = this.#inputs;
    const base = await this.#base(stage);
    const triggers = base.config.OnBuild ?? [];
    const instructions = [...triggers.map(parseTrigger), ...stage.instructions];
    const label = stage.name ?? String(stage.index);
    const proxies = new Map(
      PROXIES.flatMap((name) => given.get(name) === undefined ? [] : [[name, given.get(name)!]]),
    );
    const inherited = new Map([...platformArguments(), ...divided.globals]);
    const builder = new StageBuilder({
      base: { ...base, config: { ...base.config, OnBuild: null } },
      context,
      escape: divided.escape,
      network: request.network,
      store: this.#store,
      stages: divided.stages,
      index: stage.index,
      built: this.#built,
      findImage: (name) => this.#image(name),
      declare: (instruction, into, lookup) =>
        declare(instruction, {
          into,
          given,
          inherited,
          lookup,
          escape: divided.escape,
        }),
      proxies,
      isCacheUsed: request.isCacheUsed,
      latest: request.epochSeconds,
      secrets: request.secrets,
      now: () => this.#now(),
      isQuiet: request.isQuiet,
    });
    let number = 0;
    tell(`[${label} 0/${instructions.length}] ${stage.from.text}`);
    for (const instruction of instructions) {
      number++;
      const line = `[${label} ${number}/${instructions.length}] ${oneLine(instruction.text)}`;
      await builder.apply(instruction, (isCached) => tell(`${line}${isCached ? "  (cached)" : ""}`));
    }
    return builder.result();
  }

  async #base(stage: Stage): Promise<BuiltStage> {
    if (typeof stage.base === "number") return this.#built.get(stage.base)!;
    if (stage.base === "scratch") {
      return { config: SCRATCH, layers: [], history: [], platform: platformOf(Deno.build.arch) };
    }
    return await this.#image(stage.base);
  }

  async #image(name: string): Promise<BuiltStage> {
    const { pull } = this.#inputs.request;
    const there = pull === "missing" ? maybeFindImage(this.#store, name) : undefined;
    const image = there ?? await fetchImage(this.#store, name, { policy: pull, isQuiet: true });
    if (there !== undefined) {
      const { unpackLayers } = await import("../runtime/unpack_image.ts");
      await unpackLayers(image.layers.map(({ blob, diffId }) => ({ digest: blob.digest, diffId })));
    }
    const document = parseObject(this.#store.readDocument(image.id), `image ${image.id}`);
    const { config, history, architecture, os, variant, author, created } =
      document as unknown as ImageDocument;
    return {
      config: config ?? {},
      layers: image.layers,
      history: Array.isArray(history) ? history : [],
      platform: { architecture, os, ...(variant !== undefined && { variant }) },
      ...(author !== undefined && { author }),
      ...(created !== undefined && { created }),
    };
  }

  /** That of SOURCE_DATE_EPOCH, where it is set. Source: reproducible-builds.org/specs/source-date-epoch. */
  #now(): string {
    const { epochSeconds } = this.#inputs.request;
    return new Date(epochSeconds === undefined ? Date.now() : epochSeconds * 1000).toISOString();
  }

  async #write({ created, config, layers, history, platform, author }: BuiltStage): Promise<string> {
    const { labels, names } = this.#inputs.request;
    const { OnBuild, ...rest } = config;
    const document = {
      created: created ?? this.#now(),
      ...(author !== undefined && { author }),
      ...platform,
      config: {
        ...rest,
        ...((OnBuild ?? []).length > 0 && { OnBuild }),
        ...(Object.keys(labels).length > 0 && { Labels: { ...config.Labels, ...labels } }),
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history,
    };
    const written = await this.#store.writeText(JSON.stringify(document));
    const manifest: Descriptor = await writeManifest(this.#store, {
      config: { mediaType: MEDIA.config, ...written },
      layers: layers.map(({ blob }) => blob),
    });
    const list = names.map(targetName);
    for (const name of list) this.#store.tag(name, manifest);
    if (list.length === 0) {
      this.#store.change((images) =>
        images.some((each) => each.manifest.digest === manifest.digest) ? images : [...images, { manifest }]
      );
    }
    return written.digest;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** An instruction that an image keeps for those that are made of it. */
function parseTrigger(text: string): Instruction {
  const { instructions, problems } = parseContainerfile(text);
  const [instruction] = instructions;
  if (instruction !== undefined && problems.length === 0) return instruction;
  throw new CtrError("unsupported", `Cannot do what the image keeps for builds: ${JSON.stringify(text)}`, {
    hint: "It is no instruction that myctr knows",
  });
}
