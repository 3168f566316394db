/** Containers in the background, and what happened to them, for the tests of what is done to them. */

import { equal } from "node:assert/strict";
import { FRAME } from "../../src/plan/frame.ts";
import { readIfThere } from "../setup/needs.ts";
import type { Box } from "./box.ts";
import { sleep } from "./robust_harness.ts";

/** Ends at SIGTERM with 3, and says so; everything else ends it as usual. */
export const OBEYS = "trap 'echo term; exit 3' TERM; echo ready; while :; do sleep 0.02; done";
/** Says which signals it gets, and goes on. */
export const TELLS =
  'for each in TERM INT USR1 HUP; do trap "echo $each" $each; done; echo ready; while :; do sleep 0.02; done';
/** Has no handler at all. */
export const DEAF = "echo ready; exec sleep 100";

/** Runs a shell command in the background; returns when it has said "ready". Gives its id. */
export async function runBackground(
  box: Box,
  name: string,
  command: string,
  ...flags: string[]
): Promise<string> {
  const words = ["run", "-d", "--name", name, ...flags, "--rootfs", box.rootfs, "sh", "-c", command];
  const { code, stdout, stderr } = await box.run(...words);
  equal(code, 0, stderr);
  const id = stdout.trim();
  await untilSaid(box, id, "ready\n");
  return id;
}

/** Waits until a container's output holds a text. */
export async function untilSaid(box: Box, id: string, text: string): Promise<void> {
  while (!readIfThere(`${box.state}/containers/${id}/logs/stdout`).includes(text)) await sleep(5);
}

/** What the file of events tells, one word for each, such as `kill 15`, in its order; of one container, by id. */
export function eventsOf(box: Box, id?: string): string[] {
  const bytes = Deno.readFileSync(`${box.state}/events`);
  const view = new DataView(bytes.buffer);
  const told: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at + FRAME.length, true));
    const text = new TextDecoder().decode(bytes.subarray(at + FRAME.size, at + FRAME.size + length));
    const event = JSON.parse(text);
    const { signal, oldName } = event.attributes ?? {};
    if (id === undefined || event.id === id) told.push([event.action, signal ?? oldName].join(" ").trim());
    at += FRAME.size + length;
  }
  return told;
}

/** The status of a container, as `list -a` shows it; undefined where it is not there. */
export async function statusOf(box: Box, name: string): Promise<string | undefined> {
  const { stdout } = await box.run("list", "-a");
  const row = stdout.split("\n").find((line) => line.endsWith(` ${name}`));
  return /(Up|Created|Exited \(\d+\)|Paused)/.exec(row ?? "")?.[1];
}
