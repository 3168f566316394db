/** Files of the caller's that name the container: --cidfile, --pidfile. A start that fails takes them back. */

import { CtrError } from "../errors.ts";
import type { RunRequest } from "../spec/request.ts";

/** What has been written for the caller; disposing of it removes that, unless it was said to be kept. */
export class RunFiles implements Disposable {
  readonly #pidFile: string | undefined;
  #written: string[] = [];

  /**
   * Writes the container's id. The file must be new: in place of an older one, two containers would go by one file.
   *
   * @throws {CtrError} code "conflict" where it exists, "usage" where it can't be written
   */
  constructor({ cidFile, pidFile }: RunRequest, id: string) {
    this.#pidFile = pidFile;
    if (cidFile === undefined) return;
    writeGiven(cidFile, id, { flag: "--cidfile", isNew: true });
    this.#written.push(cidFile);
  }

  /**
   * Writes the number of process 1, as this machine counts.
   *
   * @throws {CtrError} code "usage" where it can't be written
   */
  writePid(pid: number): void {
    if (this.#pidFile === undefined) return;
    writeGiven(this.#pidFile, `${pid}`, { flag: "--pidfile" });
    this.#written.push(this.#pidFile);
  }

  keep(): void {
    this.#written = [];
  }

  [Symbol.dispose](): void {
    for (const path of this.#written) {
      try {
        Deno.removeSync(path);
      } catch {
        // Somebody else was faster.
      }
    }
  }
}

/**
 * Writes a file that a flag names.
 *
 * @throws {CtrError} code "conflict" where it should be new and is not, "usage" where it can't be written
 */
export function writeGiven(path: string, text: string, options: { flag: string; isNew?: boolean }): void {
  try {
    Deno.writeTextFileSync(path, text, { createNew: options.isNew ?? false });
  } catch (error) {
    const isThere = error instanceof Deno.errors.AlreadyExists;
    throw new CtrError(
      isThere ? "conflict" : "usage",
      `Cannot write ${options.flag} "${path}": ${problemOf(error)}`,
      {
        hint: isThere ? "Remove it, or choose another file" : "Check the path and its directory",
        cause: error,
      },
    );
  }
}

function problemOf(error: unknown): string {
  if (error instanceof Deno.errors.AlreadyExists) return "the file exists already";
  if (error instanceof Deno.errors.NotFound) return "its directory does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return "it can not be written";
}
