/**
 * The names of Linux capabilities and the set a container gets. Pure.
 * Source: linux/capability.h, Linux 5.9 and newer; capabilities(7).
 */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";

/** The place in this list is the capability's number. */
export const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
] as const;

/** What a container has without any flag: podman's set, which lacks docker's MKNOD, NET_RAW and AUDIT_WRITE. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_SETFCAP",
];

const ALL = "ALL";

/**
 * Parses the value of --cap-add and --cap-drop into `CAP_NET_RAW` or `ALL`; case and `CAP_` do not matter.
 *
 * @throws {CtrError} code "usage"
 */
export function parseCapability(text: string): string {
  const upper = text.toUpperCase();
  if (upper === ALL) return ALL;
  const name = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (CAPABILITIES.some((known) => known === name)) return name;
  throw new CtrError("usage", `Cannot use capability ${JSON.stringify(text)}: there is no such capability`, {
    hint: didYouMean(name, CAPABILITIES, "See capabilities(7) for their names"),
  });
}

/** What the command line says about capabilities. */
export interface CapabilityRequest {
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** The set a container gets, and what of it was asked for by name; both in order of number. */
export interface CapabilityChoice {
  readonly set: readonly string[];
  readonly added: readonly string[];
}

/**
 * Chooses the capabilities: the base (all with --privileged), less --cap-drop, plus --cap-add. ALL in one of
 * the two leaves the last word to the other one's names.
 *
 * @throws {CtrError} code "usage" when one name is both added and dropped, as podman does
 */
export function chooseCapabilities({ privileged, capAdd, capDrop }: CapabilityRequest): CapabilityChoice {
  refuseContradiction(capAdd, capDrop);
  const dropped = new Set(capDrop);
  const base = privileged || capAdd.includes(ALL) ? CAPABILITIES : DEFAULT_CAPABILITIES;
  const kept = dropped.has(ALL) ? [] : base.filter((name) => !dropped.has(name));
  const set = inOrder([...kept, ...capAdd]);
  const added = capAdd.includes(ALL) ? set : inOrder(capAdd);
  return { set, added };
}

function refuseContradiction(capAdd: readonly string[], capDrop: readonly string[]): void {
  const both = capAdd.find((name) => capDrop.includes(name));
  if (both === undefined) return;
  throw new CtrError("usage", `Cannot add capability "${both}": it is also dropped`, {
    hint: "Leave out --cap-add or --cap-drop for it",
  });
}

function inOrder(names: Iterable<string>): readonly string[] {
  const chosen = new Set(names);
  return CAPABILITIES.filter((name) => chosen.has(name));
}
