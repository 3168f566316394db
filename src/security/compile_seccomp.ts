/**
 * Makes a seccomp filter of a profile. Pure.
 *
 * Loaded only where the finished filter of default_filters.ts does not fit: the tables in it are the largest of myctr.
 */

import type { SeccompFilter, SeccompRequest } from "./build_seccomp.ts";
import { compileFilter } from "./compile_filter.ts";
import { defaultRules } from "./default_profile.ts";
import { resolveProfile } from "./resolve_profile.ts";
import type { RuleSet } from "./seccomp_rule.ts";
import { describeUnknownNames, summarizeRules } from "./summarize_rules.ts";

/** Gives the rules that a request leads to; none without a filter. */
export function chooseRules(request: SeccompRequest): RuleSet | undefined {
  const { profile, arch, capabilities } = request;
  if (profile === "unconfined") return undefined;
  return profile === "default" ? defaultRules(arch, capabilities) : resolveProfile(profile, request);
}

/** Compiles the filter of a request; none where it asks for none. */
export function compileSeccomp(request: SeccompRequest): SeccompFilter | undefined {
  const rules = chooseRules(request);
  if (rules === undefined) return undefined;
  return { filter: compileFilter(rules), flags: rules.flags, summary: summarize(request, rules) };
}

function summarize({ profile }: SeccompRequest, rules: RuleSet): string {
  if (typeof profile === "string") return `${profile} profile: ${summarizeRules(rules)}`;
  const unknown = describeUnknownNames(rules);
  return `${profile.subject}: ${summarizeRules(rules)}${unknown === undefined ? "" : `; ${unknown}`}`;
}
