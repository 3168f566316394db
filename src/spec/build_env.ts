/** Joins the sources of a container's environment: defaults, --env-file, -e. Pure. */

import { DEFAULT_PATH } from "./default_profile.ts";
import type { EnvSetting } from "./request.ts";

/** What is laid over an environment, weakest first. */
export interface EnvSources {
  readonly envFiles: readonly (readonly EnvSetting[])[];
  /** From -e. */
  readonly env: readonly EnvSetting[];
  /** What a setting without a value copies from. */
  readonly callerEnv: Readonly<Record<string, string>>;
}

/** A container's environment. */
export interface BuiltEnv {
  /** `NAME=VALUE`, each name once. */
  readonly env: readonly string[];
  /** Whether HOME is among them. */
  readonly isHomeSet: boolean;
}

/** Docker's and podman's: what every terminal of today understands, and every image knows. */
export const TERMINAL = ["TERM", "xterm"] as const;

/** Builds the environment of a new container. */
export function buildEnv(
  { hostname, hasTerminal = false, imageEnv = [], ...sources }: EnvSources & {
    readonly hostname: string;
    readonly hasTerminal?: boolean;
    readonly imageEnv?: readonly (readonly [name: string, value: string])[];
  },
): BuiltEnv {
  const terminal = hasTerminal ? [TERMINAL] : [];
  return layEnv([["PATH", DEFAULT_PATH], ["HOSTNAME", hostname], ...terminal, ...imageEnv], sources);
}

/**
 * Lays settings over an environment. A bare name that the caller has not is left out; with -e it also removes what an
 * earlier source set, as docker does. An empty HOME counts as none: it comes from the user's passwd entry.
 */
export function layEnv(
  base: Iterable<readonly [name: string, value: string]>,
  { envFiles, env, callerEnv }: EnvSources,
): BuiltEnv {
  const values = new Map(base);
  const valueOf = ({ name, value }: EnvSetting) =>
    value ?? (Object.hasOwn(callerEnv, name) ? callerEnv[name] : undefined);
  for (const setting of envFiles.flat()) {
    const value = valueOf(setting);
    if (value !== undefined) values.set(setting.name, value);
  }
  for (const setting of env) {
    const value = valueOf(setting);
    if (value === undefined) values.delete(setting.name);
    else values.set(setting.name, value);
  }
  if (values.get("HOME") === "") values.delete("HOME");
  return { env: [...values].map(([name, value]) => `${name}=${value}`), isHomeSet: values.has("HOME") };
}
