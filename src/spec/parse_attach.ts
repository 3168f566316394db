/** Parses --attach, and says what of it fits. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import type { RunRequest } from "./request.ts";

/** Streams by name; the number of each is its place. */
export const STREAMS = ["stdin", "stdout", "stderr"] as const;
export type AttachedStream = typeof STREAMS[number];

/** Parses one of the three names, in capitals too, as docker does. @throws {CtrError} code "usage" */
export function parseAttach(text: string): AttachedStream {
  const found = STREAMS.find((each) => each === text.toLowerCase());
  if (found !== undefined) return found;
  throw new CtrError("usage", `Cannot attach ${JSON.stringify(text)}: there is no such stream`, {
    hint: didYouMean(text, STREAMS, `Write ${STREAMS.join(", ")}`),
  });
}

/** Refuses a choice of streams that would not do what it says. @throws {CtrError} code "usage" */
export function checkAttach({ attach = [], detach, interactive, tty = false }: RunRequest): void {
  if (attach.length === 0) return;
  const has = (stream: AttachedStream) => attach.includes(stream);
  if (detach) throw unfit("--detach", "nobody stays for a stream", "Leave out one of the two");
  if (tty && !has("stdout")) throw unfit("--tty", "a terminal is shown by stdout", "Write -a stdout too");
  if (interactive && !has("stdin")) throw unfit("--interactive", "stdin is not named", "Write -a stdin too");
  if (!interactive && has("stdin")) {
    throw new CtrError("usage", "Cannot use -a stdin: the container has no input", { hint: "Write -i too" });
  }
}

function unfit(flag: string, problem: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use --attach with ${flag}: ${problem}`, { hint });
}
