/** Renders a unit of systemd that starts a container and stops it. Pure. Source: systemd.service(5), systemd.syntax(7). */

import type { UnitFacts } from "../runtime/unit_facts.ts";

/** What a unit is about. */
export interface UnitRequest extends UnitFacts {
  readonly restart: RestartPolicy;
  readonly restartSeconds?: number;
  /** Names of units; what they are to this one: systemd.unit(5). */
  readonly after: readonly string[];
  readonly wants: readonly string[];
  readonly requires: readonly string[];
}

/** Words of `Restart=`. Source: systemd.service(5). */
export const RESTART_POLICIES = [
  "no",
  "on-success",
  "on-failure",
  "on-abnormal",
  "on-watchdog",
  "on-abort",
  "always",
] as const;
export type RestartPolicy = typeof RESTART_POLICIES[number];

/** What myctr itself needs, in seconds, beside the time that the container has. */
const MARGIN = 20;
/** Exit codes of a container that was asked to end: 128 and SIGTERM, 128 and SIGINT. */
const ENDED = "143 130";

/** How the file is called that has a container's unit. */
export function unitName(name: string): string {
  return `container-${name}.service`;
}

/** Renders the unit. */
export function renderUnit(request: UnitRequest): string {
  const { name, image, myctr, stateRoot, stopSeconds, restart, restartSeconds, isOfSystem } = request;
  const command = (...words: readonly string[]) =>
    [...myctr, "--root", stateRoot, ...words].map(quoteWord).join(" ");
  const list = (key: string, units: readonly string[]) =>
    units.length === 0 ? [] : [`${key}=${units.join(" ")}`];
  const lines = [
    `# ${unitName(name)}: made by "myctr generate systemd"`,
    "",
    "[Unit]",
    `Description=Container ${quoteText(name)} of ${quoteText(image)}`,
    `RequiresMountsFor=${quotePath(stateRoot)}`,
    ...list("Wants", request.wants),
    ...list("Requires", request.requires),
    ...list("After", request.after),
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${command("start", "--attach", name)}`,
    `ExecStop=${command("stop", "--timeout", `${stopSeconds}`, name)}`,
    `Restart=${restart}`,
    ...(restartSeconds === undefined ? [] : [`RestartSec=${restartSeconds}`]),
    `SuccessExitStatus=${ENDED}`,
    `TimeoutStopSec=${stopSeconds < 0 ? "infinity" : stopSeconds + MARGIN}`,
    "KillMode=mixed",
    "",
    "[Install]",
    `WantedBy=${isOfSystem ? "multi-user.target" : "default.target"}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A word of a command line: what systemd would replace in it is doubled, and nothing parts it. */
function quoteWord(word: string): string {
  const safe = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(safe) ? safe : quoted(safe);
}

function quotePath(path: string): string {
  const safe = path.replaceAll("%", "%%");
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : quoted(safe);
}

function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(
    // deno-lint-ignore no-control-regex
    /[\x01-\x1f\x7f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

/** Text for people, on one line. */
function quoteText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll("%", "%%").replace(/[\x00-\x1f\x7f\\]/g, "?");
}
