/** Mounts that only one command of a build has: caches, secrets, files of the context. */

import { awaitLock } from "../../ffi/descriptor.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { MountRequest } from "../spec/request.ts";
import { stateRoot } from "./state_root.ts";

/** A mount that lasts until it is disposed of. */
export interface StepMount extends Disposable {
  readonly mount: MountRequest;
}

function bindOf(source: string, destination: string, isReadOnly: boolean): MountRequest {
  return { destination, type: "bind", source, options: ["rbind", "rprivate", ...(isReadOnly ? ["ro"] : [])] };
}

/** Mounts a directory or file of this machine, read-only. */
export function bindMount(source: string, destination: string): StepMount {
  return { mount: bindOf(source, destination, true), [Symbol.dispose]() {} };
}

/** An empty file system in memory. `size` as mount(8) takes it. */
export function memoryMount(destination: string, size?: string): StepMount {
  const options = ["rw", "nosuid", "nodev", ...(size === undefined ? [] : [`size=${size}`]), "mode=1777"];
  return { mount: { destination, type: "tmpfs", source: "tmpfs", options }, [Symbol.dispose]() {} };
}

/** What a cache is kept in: `build/mounts` of the state root. `name`: 64 digits. */
export function cacheMount(
  { name, destination, isReadOnly, isLocked, modeOctal }: {
    readonly name: string;
    readonly destination: string;
    readonly isReadOnly: boolean;
    readonly isLocked: boolean;
    readonly modeOctal: number;
  },
): StepMount {
  const path = `${stateRoot()}/build/mounts/${name}`;
  Deno.mkdirSync(`${stateRoot()}/build/mounts`, { recursive: true, mode: 0o700 });
  try {
    Deno.mkdirSync(path);
    Deno.chmodSync(path, modeOctal);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const lock = unwrap(openPath(path, { flags: O.O_RDONLY | O.O_DIRECTORY }), "open a cache of builds");
  if (isLocked) unwrap(awaitLock(lock.number, "exclusive"), "wait for a cache of builds");
  return { mount: bindOf(path, destination, isReadOnly), [Symbol.dispose]: () => lock[Symbol.dispose]() };
}

/** A file in memory with that text. */
export function secretMount(text: string, destination: string): StepMount {
  const path = Deno.makeTempFileSync({ dir: "/dev/shm", prefix: ".myctr-" });
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, 0o400);
  return { mount: bindOf(path, destination, true), [Symbol.dispose]: () => Deno.removeSync(path) };
}
