/** Parses `--sysctl NAME=VALUE`, and tells which settings a container has for itself. Pure. */

import { CtrError } from "../errors.ts";
import type { NamespaceType } from "./types.ts";

/** One setting; the name has dots between its parts, and slashes for dots inside of one. */
export interface Sysctl {
  readonly name: string;
  readonly value: string;
}

/** Settings of the ipc namespace. Source: ipc_namespaces(7); shm_rmid_forced from proc_sys_kernel(5). */
const IPC = /^(kernel\.(msg(max|mnb|mni)|sem|shm(all|max|mni|_rmid_forced))|fs\.mqueue\..+)$/;

/**
 * Parses the value of --sysctl. As sysctl(8) does, a name may also have slashes between its parts.
 *
 * @throws {CtrError} code "usage"
 */
export function parseSysctl(text: string): Sysctl {
  const equals = text.indexOf("=");
  const typed = equals < 0 ? text : text.slice(0, equals);
  const name = /^[^.]*\//.test(typed) ? swap(typed) : typed;
  const isPlain = sysctlPath(name).split("/").every((part) =>
    /^[\w.:@-]+$/.test(part) && !/^\.+$/.test(part)
  );
  if (equals > 0 && isPlain) return { name, value: text.slice(equals + 1) };
  throw new CtrError("usage", `Cannot set sysctl ${JSON.stringify(text)}: it is no NAME=VALUE`, {
    hint: 'Write it as in "net.ipv4.ip_forward=1"',
  });
}

/** The path of a setting below /proc/sys. */
export function sysctlPath(name: string): string {
  return swap(name);
}

function swap(text: string): string {
  return text.replace(/[./]/g, (char) => char === "." ? "/" : ".");
}

/**
 * Refuses settings that are not the container's own: they would be the whole machine's.
 *
 * @throws {CtrError} code "usage"
 */
export function refuseForeignSysctls(
  sysctls: readonly Sysctl[],
  namespaces: readonly NamespaceType[],
): void {
  for (const { name } of sysctls) {
    const [problem, hint] = whyNot(name, namespaces);
    if (problem !== undefined) {
      throw new CtrError("usage", `Cannot set sysctl "${name}": ${problem}`, { hint });
    }
  }
}

function whyNot(name: string, namespaces: readonly NamespaceType[]): readonly [string?, string?] {
  if (name === "kernel.hostname" || name === "kernel.domainname") {
    return ["it has an option of its own", `Write --${name.slice("kernel.".length)} in its place`];
  }
  const kind = name.startsWith("net.") ? "network" : IPC.test(name) ? "ipc" : undefined;
  if (kind === undefined) {
    const hint = "A container has net.*, fs.mqueue.*, kernel.msg*, kernel.sem and kernel.shm* for itself";
    return ["it is for the whole machine", hint];
  }
  if (namespaces.includes(kind)) return [];
  return [`the ${kind} namespace is shared`, `Give the container its own: leave out --${kind}`];
}
