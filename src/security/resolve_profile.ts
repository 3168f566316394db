/** Chooses of a profile what counts for one container on one machine. Pure. */

import type { Arch } from "../../ffi/constants/syscalls.ts";
import { CtrError } from "../errors.ts";
import { DEFAULT_FLAGS } from "./default_profile.ts";
import type { Circumstances, KernelVersion, ParsedProfile } from "./parse_profile.ts";
import { ABIS, type Action, ACTIONS, MACHINE_ABIS, type RuleSet } from "./seccomp_rule.ts";

/** What a profile's rules may depend on. */
export interface Surroundings {
  readonly arch: Arch;
  /** The bounding set: `CAP_CHOWN` … */
  readonly capabilities: readonly string[];
  /** The kernel's release as uname(2) has it: `6.18.4-amd64`. */
  readonly kernelVersion: string;
}

/** Docker's words for the machines that myctr runs on. */
const DOCKER_ARCH: Readonly<Record<Arch, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** A flag that is runc's own business: there is but one thread when the filter is set. */
const IGNORED_FLAG = "SECCOMP_FILTER_FLAG_TSYNC";

/** A flag that the kernel refuses without a listener: seccomp(2). */
const LISTENER_FLAG = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";

/**
 * Chooses rules, as docker does, and architectures: the machine's own always, others if the profile names them.
 *
 * @throws {CtrError} code "unsupported" if a rule that counts wants a listener
 */
export function resolveProfile(profile: ParsedProfile, surroundings: Surroundings): RuleSet {
  const facts = { ...surroundings, kernel: parseRelease(surroundings.kernelVersion) };
  const rules = profile.rules.filter(({ includes, excludes }) =>
    holdsAll(includes, facts) && !holdsAny(excludes, facts)
  );
  refuseListener(profile.defaultAction, `the default action of ${profile.subject}`);
  for (const { action, where } of rules) refuseListener(action, where);
  return {
    abis: chooseAbis(profile, surroundings.arch),
    defaultAction: profile.defaultAction,
    rules,
    flags: chooseFlags(profile),
  };
}

function chooseAbis(
  { architectures, archMap }: ParsedProfile,
  arch: Arch,
): RuleSet["abis"] {
  const [own, ...others] = MACHINE_ABIS[arch];
  if (own === undefined) return [];
  const mapped = archMap.find(({ architecture }) => architecture === ABIS[own].scmp);
  const named = [...architectures, ...mapped?.subArchitectures ?? []];
  return [own, ...others.filter((abi) => named.includes(ABIS[abi].scmp))];
}

function chooseFlags({ flags, subject }: ParsedProfile): readonly string[] {
  if (flags === undefined) return DEFAULT_FLAGS;
  if (flags.includes(LISTENER_FLAG)) {
    throw new CtrError("unsupported", `Cannot use ${subject}: ${LISTENER_FLAG} needs a listener`, {
      hint: "Leave the flag out: myctr has no listener for seccomp",
    });
  }
  return flags.filter((flag) => flag !== IGNORED_FLAG);
}

function refuseListener(action: Action, where: string): void {
  if (action !== ACTIONS.SCMP_ACT_NOTIFY) return;
  throw new CtrError("unsupported", `Cannot use ${where}: SCMP_ACT_NOTIFY needs a listener`, {
    hint: "Use another action: myctr has no listener for seccomp",
  });
}

interface Facts extends Surroundings {
  readonly kernel: KernelVersion;
}

function parseRelease(release: string): KernelVersion {
  const [, version, patchlevel] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (version !== undefined && patchlevel !== undefined) return [Number(version), Number(patchlevel)];
  throw new CtrError("unsupported", `Cannot read the kernel's release: ${JSON.stringify(release)}`);
}

function isAtLeast(kernel: KernelVersion, least: KernelVersion): boolean {
  return kernel[0] > least[0] || kernel[0] === least[0] && kernel[1] >= least[1];
}

function holdsAll({ caps, arches, minKernel }: Circumstances, facts: Facts): boolean {
  return caps.every((each) => facts.capabilities.includes(each)) &&
    (arches.length === 0 || arches.includes(DOCKER_ARCH[facts.arch])) &&
    (minKernel === undefined || isAtLeast(facts.kernel, minKernel));
}

function holdsAny({ caps, arches, minKernel }: Circumstances, facts: Facts): boolean {
  return caps.some((each) => facts.capabilities.includes(each)) ||
    arches.includes(DOCKER_ARCH[facts.arch]) ||
    minKernel !== undefined && isAtLeast(facts.kernel, minKernel);
}
