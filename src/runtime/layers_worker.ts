/** `myctr __layers`: does a task on layers with the rights that it was started with; see layers_as_root.ts. */

import { type CtrError, tellable } from "../errors.ts";
import { compareHere } from "./compare_layers.ts";
import type { LayersAnswer, LayersTask } from "./layers_as_root.ts";
import { unpackHere } from "./unpack_image.ts";

/** Does the task, and writes what came of it into a file. */
export async function workAsAsked(answer: string, asked: string): Promise<void> {
  const { do: task, requests, isAllRoots } = JSON.parse(asked) as LayersTask;
  let told: LayersAnswer;
  try {
    const work = task === "unpack" ? unpackHere : compareHere;
    told = { result: await work(requests, { isAllRoots }) };
  } catch (error) {
    const { code = "internal", message, hint } = (tellable(error) ?? error) as Partial<CtrError> & Error;
    told = { error: { code, message, ...(hint !== undefined && { hint }) } };
  }
  Deno.writeTextFileSync(answer, JSON.stringify(told));
}
