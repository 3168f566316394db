/** Which system calls a container may make: the default profile, one in a file, or all. */

import { ARCH } from "../../ffi/machine.ts";
import {
  buildOciSeccomp,
  buildSeccomp,
  type SeccompFilter,
  type SeccompRequest,
} from "../security/build_seccomp.ts";
import type { OciSeccomp } from "../security/oci_seccomp.ts";
import type { RunRequest } from "../spec/request.ts";
import type { Spec } from "../spec/types.ts";
import { readGiven } from "./read_given.ts";

const UNCONFINED = "unconfined";

/** A filter, and the rules as config.json holds them; those of the default profile are known by its name. */
export interface ChosenSeccomp {
  readonly filter: SeccompFilter;
  readonly rules?: OciSeccomp;
}

/** Chooses and makes the filter. @throws {CtrError} for a profile that can't be used */
export async function chooseSeccomp(request: RunRequest, spec: Spec): Promise<ChosenSeccomp | undefined> {
  const { seccompProfile, privileged } = request;
  if (seccompProfile === UNCONFINED || (privileged && seccompProfile === undefined)) return undefined;
  const wanted: SeccompRequest = {
    arch: ARCH,
    capabilities: spec.process.capabilities.bounding,
    profile: seccompProfile === undefined ? "default" : await readProfile(seccompProfile),
    kernelVersion: Deno.osRelease(),
  };
  const filter = await buildSeccomp(wanted);
  if (filter === undefined) return undefined;
  if (seccompProfile === undefined) return { filter };
  const rules = await buildOciSeccomp(wanted);
  return { filter, ...(rules !== undefined && { rules }) };
}

async function readProfile(path: string): Promise<Exclude<SeccompRequest["profile"], string>> {
  const text = readGiven(path, {
    what: "seccomp profile",
    hint: "Write the path of a profile in JSON, or unconfined, behind --security-opt seccomp=",
  });
  const { parseProfile } = await import("../security/parse_profile.ts");
  return parseProfile(text, { name: path, dialect: "docker" });
}
