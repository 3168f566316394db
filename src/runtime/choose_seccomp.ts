/** Which system calls a container may make: the default profile, one in a file, or all. */

import { ARCH } from "../../ffi/machine.ts";
import {
  buildOciSeccomp,
  buildSeccomp,
  type SeccompFilter,
  type SeccompRequest,
} from "../security/build_seccomp.ts";
import type { OciSeccomp } from "../security/oci_seccomp.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import { readGiven } from "./read_given.ts";

const UNCONFINED = "unconfined";
const DEFAULT = "default";

/** A filter, and the rules as config.json holds them; those of the default profile are known by its name. */
export interface ChosenSeccomp {
  readonly filter: SeccompFilter;
  readonly rules?: OciSeccomp;
}

/** Chooses and makes the filter that an annotation names. @throws {CtrError} for a profile that can't be used */
export async function chooseSeccomp(
  { annotations, linux, process }: Spec,
): Promise<ChosenSeccomp | undefined> {
  const name = annotations[ANNOTATION.seccomp]!;
  if (name === UNCONFINED) return undefined;
  const wanted: SeccompRequest = {
    arch: ARCH,
    capabilities: process.capabilities.bounding,
    profile: name === DEFAULT ? DEFAULT : await readProfile(name, linux.seccomp),
    kernelVersion: Deno.osRelease(),
  };
  const filter = await buildSeccomp(wanted);
  if (filter === undefined) return undefined;
  if (name === DEFAULT || linux.seccomp !== undefined) return { filter };
  const rules = await buildOciSeccomp(wanted);
  return { filter, ...(rules !== undefined && { rules }) };
}

/** A container that is started again has kept the rules: its profile's file may be another by now. */
async function readProfile(
  path: string,
  kept: unknown,
): Promise<Exclude<SeccompRequest["profile"], string>> {
  const { parseProfile } = await import("../security/parse_profile.ts");
  if (kept !== undefined) return parseProfile(JSON.stringify(kept), { name: path, dialect: "oci" });
  const text = readGiven(path, {
    what: "seccomp profile",
    hint: "Write the path of a profile in JSON, or unconfined, behind --security-opt seccomp=",
  });
  return parseProfile(text, { name: path, dialect: "docker" });
}
