/** What is expected in each mode of a machine: of a first container, and of the rows of `myctr doctor`. */

import type { ModeName } from "./modes.ts";

/** How a row of doctor ends. */
export type RowState = "ok" | "limited" | "missing";

/** What a script in the machine says, and how it ends. */
export interface Outcome {
  /** @default 0 */
  readonly code?: number;
  /** @default nothing is said */
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

/** The expectations for one mode. */
export interface Expectation {
  /** Of `myctr run --rm --rootfs rootfs id -u`. */
  readonly run: Outcome;
  /** Of the same with an overlay, `--rootfs rootfs:O`. */
  readonly overlay: Outcome;
  /** Whether doctor says that containers can run; the rest: the states of some of its rows, by their names. */
  readonly doctor: { readonly canRun: boolean; readonly rows: Readonly<Record<string, RowState>> };
}

const WORKS: Outcome = { stdout: /^0\n$/ };
const WORKS_WITH_NOTE: Outcome = { stdout: /^0\n$/, stderr: /^myctr: note: only your own id is mapped/ };
const refused = (...texts: readonly RegExp[]): Outcome => ({
  code: 125,
  stderr: new RegExp(`^myctr: ${texts.map(({ source }) => source).join("[^]*")}`),
});

const NO_NAMESPACES = refused(
  /Cannot create the namespaces/,
  / = ENOSPC/,
  /raise \/proc\/sys\/user\/max_user_names/,
);
const FORBIDDEN = refused(/Cannot create the namespaces/, / = EPERM/, /unprivileged_userns_clone/);
const CONFINED = refused(/Cannot create the namespaces/, / = EACCES/, /A security module forbids/);
const NO_PROGRAM = refused(/Cannot start the program that makes the container: EACCES/, /security module/);
const TOO_OLD = refused(/Cannot /, / = ENOSYS/, /Linux 5\.1[239]/);

/** The rows that say what the modes differ in. */
const GOOD = {
  "kernel": "ok",
  "program in memory": "ok",
  "user namespaces": "ok",
  "other namespaces": "ok",
  "mounts in namespaces": "ok",
  "overlay": "ok",
  "subordinate ids": "ok",
  "cgroups": "ok",
  "cgroup delegation": "ok",
  "seccomp filters": "ok",
} as const satisfies Readonly<Record<string, RowState>>;
/** There is a delegated group, and the process is not in it. */
const SESSION = { ...GOOD, "cgroup delegation": "limited" } as const;
const BARE = { ...GOOD, "cgroup delegation": "missing", "subordinate ids": "limited" } as const;
const NO_USERNS = {
  ...SESSION,
  "user namespaces": "missing",
  "other namespaces": "missing",
  "mounts in namespaces": "missing",
  "overlay": "missing",
} as const;
const can = (rows: Readonly<Record<string, RowState>>) => ({ canRun: true, rows });
const cannot = (rows: Readonly<Record<string, RowState>>) => ({ canRun: false, rows });

/** Each mode's expectations. */
export const EXPECTATIONS: Readonly<Record<ModeName, Expectation>> = {
  "root": { run: WORKS, overlay: WORKS, doctor: can({ ...GOOD, "shifted ids": "ok" }) },
  "user": { run: WORKS, overlay: WORKS, doctor: can({ ...GOOD, "id helpers": "ok" }) },
  "session": { run: WORKS, overlay: WORKS, doctor: can(SESSION) },
  "bare": {
    run: WORKS_WITH_NOTE,
    overlay: WORKS_WITH_NOTE,
    doctor: can(BARE),
  },
  "no-userns": { run: NO_NAMESPACES, overlay: NO_NAMESPACES, doctor: cannot(NO_USERNS) },
  "no-userns-root": {
    run: NO_NAMESPACES,
    overlay: NO_NAMESPACES,
    doctor: can({ ...GOOD, "user namespaces": "missing" }),
  },
  "no-userns-clone": { run: FORBIDDEN, overlay: FORBIDDEN, doctor: cannot(NO_USERNS) },
  "no-userns-clone-root": { run: WORKS, overlay: WORKS, doctor: can(GOOD) },
  "yama": { run: WORKS, overlay: WORKS, doctor: can(SESSION) },
  "kernel-5.10": {
    run: TOO_OLD,
    overlay: refused(/Cannot mount the overlay/, / = EPERM/, /Overlays for ordinary users need Linux 5\.11/),
    doctor: cannot({ "kernel": "missing", "overlay": "missing" }),
  },
  "kernel-5.10-root": { run: TOO_OLD, overlay: TOO_OLD, doctor: cannot({ "kernel": "missing" }) },
  "kernel-6.12": { run: WORKS, overlay: WORKS, doctor: can(GOOD) },
  "kernel-6.12-root": { run: WORKS, overlay: WORKS, doctor: can(GOOD) },
  "memfd-noexec": { run: WORKS, overlay: WORKS, doctor: can({ ...SESSION, "program in memory": "limited" }) },
  "memfd-noexec-root": {
    run: WORKS,
    overlay: WORKS,
    doctor: can({ ...GOOD, "program in memory": "limited" }),
  },
  "apparmor-userns": { run: CONFINED, overlay: CONFINED, doctor: cannot(NO_USERNS) },
  "apparmor-caps": { run: FORBIDDEN, overlay: FORBIDDEN, doctor: cannot({ "overlay": "missing" }) },
  "apparmor-memory": {
    run: NO_PROGRAM,
    overlay: NO_PROGRAM,
    doctor: cannot({ "kernel": "ok", "program in memory": "missing" }),
  },
  "systemd": { run: WORKS, overlay: WORKS, doctor: can({ ...SESSION, "systemd user session": "ok" }) },
  "systemd-root": { run: WORKS, overlay: WORKS, doctor: can(GOOD) },
};
