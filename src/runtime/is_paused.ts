/** Whether a running container is paused. */

import { readText } from "../host/read_text.ts";
import type { ContainerState } from "./container_state.ts";

/** Asks the freezer of its cgroup; without one nothing can be paused. Source: cgroup-v2.rst, cgroup.freeze. */
export function isPaused({ cgroup }: ContainerState): boolean {
  return cgroup !== undefined && readText(`${cgroup}/cgroup.freeze`).startsWith("1");
}
