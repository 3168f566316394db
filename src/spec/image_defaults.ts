/** What an image says about the containers that are made of it, and how a request goes before it. Pure. */

import type { HealthRequest } from "./healthcheck.ts";
import { parseSignal } from "./parse_signal.ts";
import type { RunRequest } from "./request.ts";

/** An image, unpacked. Source: OCI image-spec, config.md; names are docker's where the two differ. */
export interface ImageDefaults {
  /** Of its configuration: `sha256:` and 64 hexadecimal digits. */
  readonly id: string;
  /** Absolute; holds all layers. */
  readonly layersDirectory: string;
  /** Names of its layers in there, the topmost first. */
  readonly layers: readonly string[];
  /** `NAME=VALUE`. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  /** By name or number. */
  readonly stopSignal?: string;
  /** Its health check, with `NONE` for none. */
  readonly health?: HealthRequest;
  readonly labels: Readonly<Record<string, string>>;
  /** As `80/tcp`. */
  readonly exposedPorts: readonly string[];
  /** Paths where it wants a volume. */
  readonly volumes: readonly string[];
}

/**
 * Fills in what a request leaves open. An entrypoint that was given takes the place of the image's, and leaves out the
 * image's command too, as docker does.
 *
 * @throws {CtrError} code "usage" for a stop signal that is none
 */
export function withImageDefaults(request: RunRequest, image: ImageDefaults): RunRequest {
  const { user, workdir, stopSignal } = image;
  return {
    ...request,
    ...(user && request.user === undefined && { user }),
    ...(workdir && request.workdir === undefined && { workdir }),
    ...(stopSignal && request.stopSignal === undefined && { stopSignal: parseSignal(stopSignal) }),
    ...(request.entrypoint === undefined && {
      command: [...image.entrypoint, ...(request.command.length > 0 ? request.command : image.command)],
    }),
  };
}

/** The variables that an image sets, by name. */
export function imageEnv({ env }: ImageDefaults): readonly (readonly [name: string, value: string])[] {
  return env.flatMap((entry) => {
    const end = entry.indexOf("=");
    return end < 1 ? [] : [[entry.slice(0, end), entry.slice(end + 1)] as const];
  });
}
