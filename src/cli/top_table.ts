/** The table of `top`: docker's, which is that of `ps -ef`. Pure, but for the time zone. Source: procps, ps(1). */

import { CtrError } from "../errors.ts";
import type { ShownProcess } from "../runtime/top.ts";
import { renderTable } from "./table.ts";
import { visible } from "./visible.ts";

const TICKS_PER_SECOND = 100;
const DAY_MS = 24 * 3600 * 1000;
/** Docker's for this table. */
const MIN_WIDTH = 20;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Renders processes in the columns of `ps -ef`. */
export function renderProcesses(processes: readonly ShownProcess[], nowMs: number): string {
  const head = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
  const rows = processes.map((each) => [
    each.user,
    String(each.pid),
    String(each.parent),
    String(useOf(each, nowMs)),
    renderStart(each.startedMs, nowMs),
    renderTerminal(each.terminal),
    renderTime(each.busyTicks),
    visible(each.command),
  ]);
  return renderTable([head, ...rows], MIN_WIDTH);
}

/** How much of a processor it has used since its start, in percent. */
function useOf({ busyTicks, startedMs }: ShownProcess, nowMs: number): number {
  const aliveMs = Math.max(1, nowMs - startedMs);
  return Math.min(99, Math.floor(busyTicks / TICKS_PER_SECOND * 1000 * 100 / aliveMs));
}

function renderStart(startedMs: number, nowMs: number): string {
  const [then, now] = [new Date(startedMs), new Date(nowMs)];
  if (then.getFullYear() !== now.getFullYear()) return String(then.getFullYear());
  if (nowMs - startedMs >= DAY_MS || then.getDate() !== now.getDate()) {
    return `${MONTHS[then.getMonth()]}${twoDigits(then.getDate())}`;
  }
  return `${twoDigits(then.getHours())}:${twoDigits(then.getMinutes())}`;
}

/** Major numbers of devices. Source: Documentation/admin-guide/devices.txt. */
const TTY_MAJOR = 4;
const PTS_MAJOR = 136;

function renderTerminal(device: number): string {
  if (device === 0) return "?";
  const [major, minor] = [device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00];
  if (major >= PTS_MAJOR && major < PTS_MAJOR + 8) return `pts/${(major - PTS_MAJOR) * 256 + minor}`;
  if (major === TTY_MAJOR) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return `${major},${minor}`;
}

function renderTime(ticks: number): string {
  const seconds = Math.floor(ticks / TICKS_PER_SECOND);
  const days = Math.floor(seconds / 86400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits);
  return `${days === 0 ? "" : `${days}-`}${clock.join(":")}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/**
 * Keeps the lines of a table of ps that are about these processes. The last column takes the rest of the line.
 *
 * @throws {CtrError} code "usage" where it has no column PID
 */
export function filterPs(text: string, pids: ReadonlySet<number>): string {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const titles = head.trim().split(/\s+/);
  const column = titles.indexOf("PID");
  if (column < 0) {
    throw new CtrError("usage", "Cannot list processes: there is no column PID in what ps gives", {
      hint: "Add pid to the columns behind -o, without another title",
    });
  }
  const rows = lines.map((line) => splitCells(line, titles.length));
  return renderTable([titles, ...rows.filter((row) => pids.has(Number(row[column])))], MIN_WIDTH);
}

function splitCells(line: string, count: number): string[] {
  const cells = line.trim().split(/\s+/);
  return [...cells.slice(0, count - 1), cells.slice(count - 1).join(" ")].map(visible);
}
