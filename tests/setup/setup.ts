/**
 * `deno task setup [--install]`: shows what the full tests need and what of it is there. With `--install`, or where CI
 * is "true", it brings the rest: Debian packages, and an ordinary user with subordinate ids.
 */

import { findAccount, hasIdRange, type Need, NEEDS, ORDINARY_USER, readIfThere } from "./needs.ts";

/** How many ids the user gets: as many as Debian's own useradd grants. */
const RANGE_SIZE = 65536;
const FIRST_RANGE = 100000;

/** Renders the needs as a table. */
export function renderNeeds(needs: Readonly<Record<string, Need>>): string {
  const rows = Object.entries(needs).map(([name, need]) => {
    const source = need.isPresent() ? "" : need.packages.join(" ");
    return [name, need.isPresent() ? "present" : "MISSING", need.why, source];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd() + "\n"
  ).join("");
}

/** Lists the packages of what is missing. */
export function listMissingPackages(needs: Readonly<Record<string, Need>>): string[] {
  return Object.values(needs).filter((need) => !need.isPresent()).flatMap((need) => need.packages);
}

/** Returns the first id behind all ranges of a text in the form of subuid(5). */
export function nextFreeId(text: string): number {
  const ends = text.split("\n").map((line) => line.split(":")).filter((fields) => fields.length === 3)
    .map(([, start, count]) => Number(start) + Number(count));
  return Math.max(FIRST_RANGE, ...ends);
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function run(program: string, ...args: string[]): void {
  write(`+ ${program} ${args.join(" ")}\n`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { code } = new Deno.Command(program, {
    args,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

function installPackages(packages: readonly string[]): void {
  if (packages.length === 0) return;
  run("apt-get", "-qq", "update");
  run("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "--yes", "--no-install-recommends", ...packages);
}

function addOrdinaryUser(): void {
  if (findAccount(readIfThere("/etc/passwd"), ORDINARY_USER) === undefined) {
    run("useradd", "--create-home", "--shell", "/bin/sh", ORDINARY_USER);
  }
  addIdRange("/etc/subuid");
  addIdRange("/etc/subgid");
}

/** useradd grants a range only where /etc/login.defs says so and the package uidmap was there before. */
function addIdRange(path: string): void {
  const text = readIfThere(path);
  if (hasIdRange(text, ORDINARY_USER)) return;
  const line = `${ORDINARY_USER}:${nextFreeId(text)}:${RANGE_SIZE}\n`;
  write(`+ ${path}: ${line}`);
  Deno.writeTextFileSync(path, text === "" || text.endsWith("\n") ? line : `\n${line}`, { append: true });
}

function main(): void {
  const missing = Object.values(NEEDS).filter((need: Need) => !need.isPresent());
  write(renderNeeds(NEEDS));
  if (missing.length === 0) return write("\nNothing is missing: deno task ok, deno task kernel\n");
  if (!Deno.args.includes("--install") && Deno.env.get("CI") !== "true") {
    return write(
      `\nTests that need what is missing are skipped. To bring it: deno task setup --install (as root)\n`,
    );
  }
  if (Deno.uid() !== 0) {
    write("\nCannot install anything as an ordinary user: run deno task setup --install as root\n");
    Deno.exitCode = 1;
    return;
  }
  installPackages(listMissingPackages(NEEDS));
  addOrdinaryUser();
  write("\n" + renderNeeds(NEEDS));
}

if (import.meta.main) main();
