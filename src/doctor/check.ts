/** What is told of one thing that a machine offers or not. Pure. */

import type { Try } from "./findings.ts";

/** `limited`: it is there, but not all of it, or not for this user. */
export type CheckState = "ok" | "limited" | "missing";

/** One line of the report. The names of fields are those of `--format json`. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  /** What was found, in some words. */
  readonly found: string;
  /** The path or call that it was found from. */
  readonly from: string;
  /** What can't be done without it. */
  readonly lost?: string;
  /** How to get it. */
  readonly remedy?: string;
  /** Whether no container runs without it. */
  readonly required?: true;
}

/** Names one package, or one for each kind of distribution: Debian and Ubuntu, Fedora, Arch. */
export function installWords(debian: string, fedora = debian, arch = fedora): string {
  return `apt install ${debian} (Debian), dnf install ${fedora} (Fedora), pacman -S ${arch} (Arch)`;
}

/** Renders how a try went. */
export function renderTry(tried: Try | undefined): string {
  if (tried === undefined) return "not tried";
  return tried === true ? "works" : `${tried.call}() gives ${tried.errno}`;
}
