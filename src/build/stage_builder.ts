/** Builds one stage: keeps its image as it is by now, and does what each instruction says. */

import { CtrError } from "../errors.ts";
import { MEDIA, type Platform } from "../image/manifest.ts";
import { compress } from "../image/compress.ts";
import { TAR_END } from "../image/tar_writer.ts";
import { type Bytes, type ImageStore, startDigest } from "../image/store.ts";
import { keepCached, maybeCached } from "../runtime/build_cache.ts";
import { copyStep, matchInImage, readFromImage, runStep } from "../runtime/build_step.ts";
import type { MadeLayer, Owner } from "../runtime/files_worker.ts";
import { type Layer, layerName } from "../runtime/find_image.ts";
import { unpackLayers } from "../runtime/unpack_image.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import { cleanPath } from "../spec/clean_path.ts";
import { escapePattern } from "../spec/name_pattern.ts";
import type { RunRequest } from "../spec/request.ts";
import { resolveUser } from "../spec/resolve_user.ts";
import type { Context } from "./context.ts";
import { copyFiles } from "./copy_files.ts";
import {
  commandOf,
  environmentValue,
  type ImageConfiguration,
  shellOf,
  withInstruction,
} from "./image_state.ts";
import { flagValue, flagValues, type Instruction } from "./instruction.ts";
import { ProblemError } from "./problem.ts";
import { documentText } from "./source_lines.ts";
import { stepMounts } from "./step_mounts.ts";
import { expandAt, maybeSourceStage, type Stage } from "./stages.ts";

/** What came of a stage, or what an image is. */
export interface BuiltStage {
  readonly config: ImageConfiguration;
  /** The lowest first. */
  readonly layers: readonly Layer[];
  readonly history: readonly unknown[];
  readonly platform: Platform;
  /** As RFC 3339 writes it. */
  readonly created?: string;
  readonly author?: string;
}

/** What a stage needs. */
export interface StageInputs {
  readonly base: BuiltStage;
  readonly context: Context;
  readonly escape: string;
  readonly network: RunRequest["network"];
  readonly store: ImageStore;
  readonly stages: readonly Stage[];
  readonly index: number;
  readonly built: ReadonlyMap<number, BuiltStage>;
  readonly findImage: (name: string) => Promise<BuiltStage>;
  readonly declare: (
    instruction: Instruction,
    into: Map<string, string | undefined>,
    lookup: (name: string) => string | undefined,
  ) => void;
  readonly proxies: ReadonlyMap<string, string>;
  /** Whether what was made before may be taken. */
  readonly isCacheUsed: boolean;
  /** By id: what gives the text, when a command asks for it. */
  readonly secrets: ReadonlyMap<string, () => string>;
  /** In seconds since 1970: no file of a layer is newer. */
  readonly latest: number | undefined;
  /** The time that is noted, as RFC 3339 writes it. */
  readonly now: () => string;
  /** Whether nothing of what commands write is shown. */
  readonly isQuiet: boolean;
}

/** Instructions in whose arguments variables are replaced. Source: Dockerfile reference, "Environment replacement". */
const EXPANDED: ReadonlySet<string> = new Set([
  "add",
  "copy",
  "env",
  "expose",
  "label",
  "stopsignal",
  "user",
  "volume",
  "workdir",
]);

/** What may make a layer: said only when it is known whether it is there already. */
const WITH_LAYER: ReadonlySet<string> = new Set(["add", "copy", "run", "workdir"]);

/** Raised whenever a step would make something else of the same. */
const CACHE_VERSION = 1;

/** Builds a stage. */
export class StageBuilder {
  readonly #inputs: StageInputs;
  #config: ImageConfiguration;
  #layers: readonly Layer[];
  readonly #history: unknown[];
  readonly #arguments = new Map<string, string | undefined>();
  #author: string | undefined;
  #hasCommand = false;
  /** Of what was made last: a build of which all is there already gives the same image. */
  #created: string;
  #onBegin: (isCached: boolean) => void = () => {};

  constructor(inputs: StageInputs) {
    const { config, layers, history, author, created } = inputs.base;
    this.#created = created ?? inputs.now();
    this.#inputs = inputs;
    this.#config = config;
    this.#layers = layers;
    this.#history = [...history];
    this.#author = author;
  }

  result(): BuiltStage {
    return {
      config: this.#config,
      layers: this.#layers,
      history: this.#history,
      platform: this.#inputs.base.platform,
      created: this.#created,
      ...(this.#author !== undefined && { author: this.#author }),
    };
  }

  readonly #lookup = (name: string): string | undefined =>
    environmentValue(this.#config, name) ?? this.#arguments.get(name) ?? this.#inputs.proxies.get(name);

  /** Does an instruction. @throws {ProblemError} for what is wrong with it, {CtrError} for what goes wrong */
  async apply(instruction: Instruction, onBegin: (isCached: boolean) => void): Promise<void> {
    this.#onBegin = onBegin;
    if (!WITH_LAYER.has(instruction.name)) onBegin(false);
    const layer = await this.#layerOf(instruction);
    if (layer !== undefined) this.#layers = [...this.#layers, layer];
    this.#history.push({
      created: this.#created,
      created_by: instruction.text,
      ...(layer === undefined && { empty_layer: true }),
    });
  }

  async #layerOf(instruction: Instruction): Promise<Layer | undefined> {
    const expanded = this.#expanded(instruction);
    switch (instruction.name) {
      case "arg":
        return void this.#inputs.declare(instruction, this.#arguments, this.#lookup);
      case "maintainer":
        return void (this.#author = instruction.args[0]);
      case "run":
        return await this.#run(instruction);
      case "copy":
      case "add":
        return await this.#copy(expanded);
    }
    this.#config = withInstruction(this.#config, expanded, { hasCommand: this.#hasCommand });
    if (instruction.name === "cmd") this.#hasCommand = true;
    return instruction.name === "workdir" ? await this.#workdir() : undefined;
  }

  #expanded(instruction: Instruction): Instruction {
    const { args, argsAt } = instruction;
    const { escape } = this.#inputs;
    if (!EXPANDED.has(instruction.name)) return instruction;
    return {
      ...this.#expandedFlags(instruction),
      args: args.map((text, index) => expandAt(text, this.#lookup, { escape, at: argsAt[index]! })),
    };
  }

  #expandedFlags(instruction: Instruction): Instruction {
    const { escape } = this.#inputs;
    return {
      ...instruction,
      flags: instruction.flags.map((flag) =>
        flag.value === undefined
          ? flag
          : { ...flag, value: expandAt(flag.value, this.#lookup, { escape, at: flag.at }) }
      ),
    };
  }

  async #run(instruction: Instruction): Promise<Layer | undefined> {
    const { network } = this.#inputs;
    refuseLater(instruction, ["--security", "--device"]);
    const asked = flagValue(instruction, "--network") ?? "default";
    if (!["default", "none", "host"].includes(asked)) {
      throw new ProblemError(
        instruction.at,
        `RUN knows no network ${JSON.stringify(asked)}`,
        "Choose from default none host",
      );
    }
    const declared = [...this.#arguments, ...this.#inputs.proxies].filter(([name, value]) =>
      value !== undefined && environmentValue(this.#config, name) === undefined
    );
    const image = await this.#defaults();
    const step = await stepMounts(this.#expandedFlags(instruction), {
      workdir: image.workdir ?? "/",
      context: this.#inputs.context,
      secrets: this.#inputs.secrets,
    });
    const request = {
      command: this.#commandOf(instruction),
      env: declared.map(([name, value]) => ({ name, value: value! })),
      network: asked === "default" ? network : asked as "none" | "host",
      isQuiet: this.#inputs.isQuiet,
      latest: this.#inputs.latest,
    };
    const { env, user, workdir } = image;
    // Where the network leads, and what is secret, does not change what a command is.
    const key = { run: request.command, given: request.env, env, user, workdir, mounts: step.key };
    return await this.#cached(key, async () => {
      using opened = step.open();
      const { end, layer } = await runStep(image, {
        ...request,
        env: [...request.env, ...opened.env],
        mounts: opened.mounts,
      });
      if (layer !== undefined) return layer;
      const what = end.signal === undefined
        ? `its exit code is ${end.exitCode}`
        : `signal ${end.signal} ended it`;
      throw new ProblemError(instruction.at, `the command failed: ${what}`);
    });
  }

  async #cached(key: object, make: () => Promise<MadeLayer>): Promise<Layer> {
    return (await this.#maybeCached(key, make))!;
  }

  /** Takes what was made of the same before, or makes it; undefined where nothing is to be made. */
  async #maybeCached(key: object, make: () => Promise<MadeLayer | undefined>): Promise<Layer | undefined> {
    const { store, isCacheUsed } = this.#inputs;
    const digester = await startDigest();
    const layers = this.#layers.map(({ diffId }) => diffId);
    const all = [CACHE_VERSION, this.#inputs.latest, layers, key];
    digester.update(new TextEncoder().encode(JSON.stringify(all)));
    const name = digester.finish().slice("sha256:".length);
    const known = isCacheUsed ? maybeCached(store, name) : undefined;
    this.#onBegin(known !== undefined);
    if (known !== undefined) {
      this.#created = known.created;
      return known.layer;
    }
    const made = await make();
    this.#created = this.#inputs.now();
    const layer = made === undefined ? undefined : layerOf(made);
    keepCached(name, { created: this.#created, ...(layer !== undefined && { layer }) });
    return layer;
  }

  #commandOf(instruction: Instruction): readonly string[] {
    const { heredocs, args, isList } = instruction;
    const [first] = heredocs;
    if (first === undefined || isList) return commandOf(this.#config, instruction);
    const isAlone = /^<<-?["']?[\w.]+["']?$/.test(args[0]!.trim());
    if (isAlone) return [...shellOf(this.#config), documentText(first)];
    // The shell reads its documents itself.
    const documents = heredocs.map(({ content, name }) => `${content}${name}`).join("\n");
    return [...shellOf(this.#config), `${args[0]}\n${documents}`];
  }

  async #workdir(): Promise<Layer | undefined> {
    const path = this.#config.WorkingDir ?? "/";
    const image = await this.#defaults();
    const { latest } = this.#inputs;
    return await this.#maybeCached({ workdir: path }, async () => {
      const [found] = await matchInImage(image, [escapePattern(path)]);
      if (found?.some(({ isDirectory }) => isDirectory)) return undefined;
      return await copyStep(image, { path, owner: {}, archive: emptyArchive(), latest });
    });
  }

  async #copy(instruction: Instruction): Promise<Layer> {
    const from = flagValue(instruction, "--from");
    refuseLater(instruction, [
      ...["--parents", "--checksum", "--keep-git-dir", "--unpack"],
      // Of another root its own process packs, which does not know what is to be left out.
      ...(from === undefined ? [] : ["--exclude"]),
    ]);
    const image = await this.#defaults();
    return await copyFiles({
      instruction,
      image,
      workdir: this.#config.WorkingDir ?? "/",
      context: this.#inputs.context,
      owner: await this.#owner(instruction, image),
      from: from === undefined ? undefined : await this.#source(from),
      excluded: flagValues(instruction, "--exclude"),
      expandDocument: (text) =>
        expandAt(text, this.#lookup, { escape: this.#inputs.escape, at: instruction.at, isRaw: true }),
      cached: (key, make) => this.#cached(key, make),
      latest: this.#inputs.latest,
    });
  }

  async #source(from: string): Promise<ImageDefaults> {
    const { stages, index, built, findImage } = this.#inputs;
    const stage = maybeSourceStage(stages, from, index);
    return await this.#defaultsOf(stage === undefined ? await findImage(from) : built.get(stage.index)!);
  }

  /** What comes from the context is root's; what comes from another root keeps its owner. */
  async #owner(instruction: Instruction, image: ImageDefaults): Promise<Owner> {
    const chown = flagValue(instruction, "--chown");
    const chmod = flagValue(instruction, "--chmod");
    if (chmod !== undefined && !/^[0-7]{1,5}$/.test(chmod)) {
      throw new ProblemError(
        instruction.at,
        `${JSON.stringify(chmod)} is no mode`,
        "Write it in octal digits, as 0755",
      );
    }
    const mode = chmod === undefined ? {} : { mode: parseInt(chmod, 8) };
    if (chown === undefined) {
      return flagValue(instruction, "--from") === undefined ? { ids: { uid: 0, gid: 0 }, ...mode } : mode;
    }
    const [, uid, gid = uid] = /^(\d+)(?::(\d+))?$/.exec(chown) ?? [];
    if (uid !== undefined) return { ids: { uid: Number(uid), gid: Number(gid) }, ...mode };
    const passwd = await readFromImage(image, "/etc/passwd");
    const group = await readFromImage(image, "/etc/group");
    try {
      const found = resolveUser(chown, { passwd, group });
      return { ids: { uid: found.uid, gid: found.gid }, ...mode };
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      throw new ProblemError(instruction.at, error.message, error.hint);
    }
  }

  async #defaults(): Promise<ImageDefaults> {
    return await this.#defaultsOf(this.result());
  }

  async #defaultsOf({ config, layers }: BuiltStage): Promise<ImageDefaults> {
    const { store } = this.#inputs;
    const used = layers.length > 0 ? layers : [await this.#empty()];
    const { User, WorkingDir } = config;
    return {
      id: "sha256:".padEnd(71, "0"),
      layersDirectory: store.layersDirectory,
      layers: [...new Set(used.map(({ diffId }) => layerName(diffId)).reverse())],
      env: config.Env ?? [],
      entrypoint: [],
      command: [],
      ...(User && { user: User }),
      ...(WorkingDir && { workdir: cleanPath(WorkingDir) }),
      labels: {},
      exposedPorts: [],
      volumes: [],
    };
  }

  /** What lies below the first layer of `scratch`. */
  async #empty(): Promise<Layer> {
    const blob = await this.#inputs.store.writeBlob(compress(emptyArchive()));
    const [facts] = await unpackLayers([{ digest: blob.digest }]);
    return layerOf({ ...blob, diffId: facts!.diffId });
  }
}

function layerOf({ diffId, ...blob }: MadeLayer): Layer {
  return { blob: { mediaType: MEDIA.layerGzip, ...blob }, diffId };
}

async function* emptyArchive(): Bytes {
  yield await Promise.resolve(TAR_END);
}

/** Flags that are known, and not there yet. */
function refuseLater(instruction: Instruction, names: readonly string[]): void {
  const found = instruction.flags.find(({ name, value }) =>
    names.includes(name) && !/^false$/i.test(value ?? "")
  );
  if (found === undefined) return;
  throw new ProblemError(found.at, `${found.name} is not there yet`, "Leave it out");
}
