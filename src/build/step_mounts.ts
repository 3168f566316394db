/** Opens what RUN --mount asks for, and says what of it makes the command another one. */

import { openInRoot } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { startDigest } from "../image/store.ts";
import { matchSources, packSources } from "../runtime/source_files.ts";
import { bindMount, cacheMount, memoryMount, secretMount, type StepMount } from "../runtime/step_mounts.ts";
import type { EnvSetting, MountRequest } from "../spec/request.ts";
import { escapePattern } from "../spec/name_pattern.ts";
import type { Context } from "./context.ts";
import type { Flag, Instruction } from "./instruction.ts";
import { ProblemError } from "./problem.ts";
import { parseRunMount, type RunMount } from "./run_mounts.ts";

/** What mounts are made of. */
export interface MountInputs {
  readonly workdir: string;
  readonly context: Context;
  readonly secrets: ReadonlyMap<string, () => string>;
}

/** What is open while a command runs. */
export interface OpenMounts extends Disposable {
  readonly mounts: readonly MountRequest[];
  readonly env: readonly EnvSetting[];
}

/** What a command has, not open yet. */
export interface StepMounts {
  /** For the cache: files count by what is in them, secrets and caches do not. */
  readonly key: readonly unknown[];
  readonly open: () => OpenMounts;
}

interface Asked {
  readonly flag: Flag;
  readonly mount: RunMount;
}

/** Reads them. @throws {ProblemError} */
export async function stepMounts({ flags }: Instruction, inputs: MountInputs): Promise<StepMounts> {
  const asked = flags.filter(({ name }) => name === "--mount").map((flag) => ({
    flag,
    mount: parseRunMount(flag, inputs.workdir),
  }));
  const key: unknown[] = [];
  for (const each of asked) {
    const { mount } = each;
    key.push(mount.type === "bind" ? { ...mount, content: await contentOf(each, inputs.context) } : mount);
  }
  return { key, open: () => openAll(asked, inputs) };
}

async function contentOf({ flag, mount }: Asked, { directory, isLeftOut }: Context): Promise<string> {
  const { source } = mount as RunMount & { type: "bind" };
  const found = matchSources(directory.number, escapePattern(source));
  if (found.length === 0) throw new ProblemError(flag.at, `${JSON.stringify(source)} is not in the context`);
  const digester = await startDigest();
  for await (const chunk of packSources(directory.number, found, { isLeftOut })) digester.update(chunk);
  return digester.finish();
}

function openAll(asked: readonly Asked[], inputs: MountInputs): OpenMounts {
  using undo = new DisposableStack();
  const mounts: MountRequest[] = [];
  const env: EnvSetting[] = [];
  for (const { flag, mount } of asked) {
    const secret = mount.type === "secret" ? secretOf(mount, flag, inputs.secrets) : undefined;
    if (mount.type === "secret") {
      if (secret === undefined) continue;
      if (mount.variable !== undefined) env.push({ name: mount.variable, value: secret });
      if (mount.target !== undefined) mounts.push(undo.use(secretMount(secret, mount.target)).mount);
    } else mounts.push(undo.use(openOne(mount, inputs.context)).mount);
  }
  const kept = undo.move();
  return { mounts, env, [Symbol.dispose]: () => kept[Symbol.dispose]() };
}

function secretOf(
  { id, isRequired }: RunMount & { type: "secret" },
  { at }: Flag,
  secrets: MountInputs["secrets"],
): string | undefined {
  const read = secrets.get(id);
  if (read !== undefined) return read();
  if (!isRequired) return undefined;
  throw new ProblemError(
    at,
    `secret ${JSON.stringify(id)} was not given`,
    `Give it: --secret id=${id},src=FILE`,
  );
}

function openOne(mount: Exclude<RunMount, { type: "secret" }>, { directory }: Context): StepMount {
  if (mount.type === "tmpfs") return memoryMount(mount.target, mount.size);
  if (mount.type === "cache") {
    const { id, target: destination, isReadOnly, isLocked, modeOctal } = mount;
    return cacheMount({ name: cacheName(id), destination, isReadOnly, isLocked, modeOctal });
  }
  const opened = openInRoot(mount.source === "" ? "." : mount.source, {
    dirfd: directory.number,
    flags: O.O_PATH,
  });
  if (!opened.ok) throw new TypeError(`${mount.source} was there`);
  using file = opened.value;
  return bindMount(Deno.readLinkSync(`/proc/self/fd/${file.number}`), mount.target);
}

/** A name for a directory, of whatever an id may be. */
function cacheName(id: string): string {
  return new TextEncoder().encode(id).toHex().slice(0, 200);
}
