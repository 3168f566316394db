/** Keeps in a configuration what ends a container from outside. Pure. */

import type { RunRequest } from "./request.ts";
import { ANNOTATION } from "./types.ts";

/** Makes the annotations of --timeout, --stop-signal and --stop-timeout; none where none was given. */
export function stopAnnotations(request: RunRequest): Readonly<Record<string, string>> {
  const { timeoutSeconds = 0, stopSignal, stopTimeoutSeconds } = request;
  return {
    ...(timeoutSeconds > 0 && { [ANNOTATION.timeout]: `${timeoutSeconds}` }),
    ...(stopSignal !== undefined && { [ANNOTATION.stopSignal]: `${stopSignal}` }),
    ...(stopTimeoutSeconds !== undefined && { [ANNOTATION.stopTimeout]: `${stopTimeoutSeconds}` }),
  };
}
