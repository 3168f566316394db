/** `myctr __layers`: does a task on layers with the rights that it was started with; see layers_as_root.ts. */

import { compareHere } from "./compare_layers.ts";
import type { LayersTask } from "./layers_as_root.ts";
import { unpackHere } from "./unpack_image.ts";
import { answerOf } from "./worker_answer.ts";

/** Does the task, and writes what came of it into a file. */
export async function workAsAsked(answer: string, asked: string): Promise<void> {
  const { do: task, requests, isAllRoots } = JSON.parse(asked) as LayersTask;
  const work = { unpack: unpackHere, compare: compareHere }[task];
  Deno.writeTextFileSync(answer, await answerOf(() => work(requests, { isAllRoots })));
}
