/**
 * The seccomp filter of a container: what the plan needs of this folder. Pure.
 *
 * The default profile comes as finished bytes, since each `run` pays for what it computes; everything else is compiled.
 */

import type { Arch } from "../../ffi/constants/syscalls.ts";
import { DECISIVE_CAPABILITIES, DEFAULT_FILTERS } from "./default_filters.ts";
import type { OciSeccomp } from "./oci_seccomp.ts";
import type { ParsedProfile } from "./parse_profile.ts";

/** What decides about a filter. */
export interface SeccompRequest {
  readonly arch: Arch;
  /** The container's bounding set: `CAP_CHOWN` … */
  readonly capabilities: readonly string[];
  readonly profile: "default" | "unconfined" | ParsedProfile;
  /** The kernel's release as uname(2) has it; a profile's `minKernel` asks for it. */
  readonly kernelVersion: string;
}

/** A filter, ready for seccomp(2). */
export interface SeccompFilter {
  /** `struct sock_filter[]`, eight bytes each. */
  readonly filter: Uint8Array<ArrayBuffer>;
  /** Flags of SECCOMP_SET_MODE_FILTER by name: `SECCOMP_FILTER_FLAG_SPEC_ALLOW` … */
  readonly flags: readonly string[];
  /** What it does, in a line, for people. */
  readonly summary: string;
}

/**
 * Makes the filter of a container; none if the profile is `unconfined`.
 *
 * @throws {CtrError} code "usage" if a profile's rules contradict each other, "unsupported" if the kernel would not take
 * the filter, or it needs a listener
 */
export async function buildSeccomp(request: SeccompRequest): Promise<SeccompFilter | undefined> {
  if (isPlain(request)) {
    const { filter, flags, summary } = DEFAULT_FILTERS[request.arch];
    return { filter: Uint8Array.fromBase64(filter), flags, summary };
  }
  if (request.profile === "unconfined") return undefined;
  const { compileSeccomp } = await import("./compile_seccomp.ts");
  return compileSeccomp(request);
}

/** Whether the default profile is wanted, and no capability opens more of it. */
function isPlain({ profile, capabilities }: SeccompRequest): boolean {
  return profile === "default" && !capabilities.some((each) => DECISIVE_CAPABILITIES.includes(each));
}

/** Gives the same rules as `linux.seccomp` of a config.json; none if the profile is `unconfined`. */
export async function buildOciSeccomp(request: SeccompRequest): Promise<OciSeccomp | undefined> {
  const [{ chooseRules }, { toOciSeccomp }] = await Promise.all([
    import("./compile_seccomp.ts"),
    import("./oci_seccomp.ts"),
  ]);
  const rules = chooseRules(request);
  return rules === undefined ? undefined : toOciSeccomp(rules);
}
