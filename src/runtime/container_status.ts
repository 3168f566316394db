/** What containers can be doing. Pure. */

/** Docker's words; `restarting`: it has ended, and something waits to start it again. */
export type ContainerStatus = "running" | "paused" | "restarting" | "created" | "exited";

/** Whether docker calls it running, and lists it without `-a`: also one that is about to be started again. */
export function isAlive(status: ContainerStatus): boolean {
  return status !== "created" && status !== "exited";
}
