/**
 * Puts Deno's cache of compiled code in order, once behind each change of it. Deno ends without closing its database, so
 * all that was written is in the write-ahead log for ever, and every start reads and checks it whole, page by page. A
 * copy without a log, in large pages, takes its place. Source: https://www.sqlite.org/wal.html, section 5.
 */

import { AT_FDCWD } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { changedMs, readPathStatus } from "../../ffi/file.ts";
import { outcome, unwrap } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";

/** Deno's databases: of compiled code, and of what modules import. */
const DATABASE = /^\w+_cache_v\d+$/;
const CODE = "v8_code_cache_v2";
/** How many builds of a program keep their code: one row each. */
const KEPT_BUILDS = 4;
/** SQLite's largest page, in bytes: a program's code is one row of a megabyte. */
const PAGE_SIZE = 65536;
/** Somebody who was killed may have left his copy. */
const LEFT_MS = 60_000;
/** How long it is not tried again. */
const MARKED_MS = 24 * 60 * 60 * 1000;
/** renameat2(2): both change places, at one instant. */
const RENAME_EXCHANGE = 2;

/** Looks whether that is to be done, and does it. Nothing but time is lost where it fails. */
export async function settleCache(): Promise<void> {
  const directory = Deno.env.get("DENO_DIR");
  if (directory === undefined || !isUnsettled(directory)) return;
  try {
    await settle(directory);
  } catch {
    // A full disk, a file system that can't exchange names: the cache works as it is, and is left so for a while.
    tryMark(directory);
  }
}

/** The file that says when that was tried in vain. */
function markOf(directory: string): string {
  return `${directory}/unsettled`;
}

function tryMark(directory: string): void {
  try {
    Deno.writeTextFileSync(markOf(directory), "");
  } catch {
    // Then it is tried again the next time.
  }
}

function isUnsettled(directory: string): boolean {
  // From source, the cache is that of all of the user's programs.
  if (!/\/myctr\/\w+$/.test(directory)) return false;
  const log = readPathStatus(`${directory}/${CODE}-wal`);
  return log.ok && log.value.size > 0n && !isMarked(directory);
}

function isMarked(directory: string): boolean {
  const mark = readPathStatus(markOf(directory));
  return mark.ok && Date.now() - changedMs(mark.value) < MARKED_MS;
}

async function settle(directory: string): Promise<void> {
  const copy = `${directory}.settling`;
  if (!tryMake(copy)) return;
  try {
    const { DatabaseSync } = await import("node:sqlite");
    using code = new DatabaseSync(`${directory}/${CODE}`, { readOnly: true });
    // A first start has its own code written at its very end.
    const own = code.prepare("SELECT 1 FROM codecache WHERE specifier = ?").get(Deno.mainModule);
    if (own === undefined) return;
    for (const { name } of Deno.readDirSync(directory)) {
      if (!DATABASE.test(name)) continue;
      using from = new DatabaseSync(`${directory}/${name}`, { readOnly: true });
      from.exec(`PRAGMA page_size=${PAGE_SIZE}; VACUUM INTO '${`${copy}/${name}`.replaceAll("'", "''")}'`);
      using to = new DatabaseSync(`${copy}/${name}`);
      to.exec("PRAGMA synchronous=OFF");
      if (name === CODE) dropOldBuilds(to);
      // Deno's own mode: it would be changed at the next start otherwise.
      to.exec("PRAGMA journal_mode=WAL");
    }
    const names = [AT_FDCWD, cString(copy), AT_FDCWD, cString(directory)] as const;
    unwrap(outcome(syscall("renameat2", ...names, RENAME_EXCHANGE)), "put the copy in place");
  } finally {
    // The old files: who has them open keeps them.
    Deno.removeSync(copy, { recursive: true });
  }
}

interface Database {
  exec(statements: string): void;
}

/** Rows of versions of myctr that are gone would stay for ever. */
function dropOldBuilds(database: Database): void {
  const builds = "specifier LIKE 'file:///proc/self/fd/%'";
  const newest = `SELECT rowid FROM codecache WHERE ${builds} ORDER BY rowid DESC LIMIT ${KEPT_BUILDS}`;
  database.exec(`DELETE FROM codecache WHERE ${builds} AND rowid NOT IN (${newest}); VACUUM`);
}

function tryMake(copy: string): boolean {
  try {
    Deno.mkdirSync(copy, { mode: 0o700 });
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) return false;
  }
  const left = readPathStatus(copy);
  if (left.ok && Date.now() - changedMs(left.value) > LEFT_MS) Deno.removeSync(copy, { recursive: true });
  return false;
}
