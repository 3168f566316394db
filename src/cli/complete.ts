/** `myctr __complete`: what the completion of shells asks for. Words on lines, then a line for the shell. */

import { callerEnv } from "../executable/caller_env.ts";
import { type Runnable, runnable } from "./command.ts";
import { completeWords, type CompletionSources } from "./complete_words.ts";
import type { Word } from "./completion_table.ts";
import type { Declaration } from "./declaration.ts";
import { PROGRAM } from "./program.ts";
import { visible } from "./visible.ts";

const COMPLETE = {
  path: "myctr __complete",
  description: "Complete the last word of a command line",
  options: [],
  operands: [{ name: "word", isVariadic: true }],
  stopsAtOperand: true,
} as const satisfies Declaration;

/** Makes the command; the sources are other ones in tests. */
export function completeCommand(sources: CompletionSources = SOURCES): Runnable {
  return runnable(COMPLETE, async ({ operands }, session) => {
    const { words, shell = "" } = await completeWords(operands.word, PROGRAM, sources);
    const lines = words.map(({ word, meaning }) => `${visible(word)}\t${visible(meaning)}\n`);
    session.print(`${lines.join("")}:${shell}\n`);
    return 0;
  });
}

const SOURCES: CompletionSources = {
  containers: listNames,
  images: listImages,
  volumes: listVolumes,
  variables: () => Object.keys(callerEnv()),
  setRoot: async (directory) => (await import("../runtime/state_root.ts")).setStateRoot(directory),
};

/** Names alone; one with the usual tag has none in what is offered. */
async function listImages(): Promise<readonly Word[]> {
  const [{ imageStore }, { familiarText }] = await Promise.all([
    import("../runtime/find_image.ts"),
    import("../image/reference.ts"),
  ]);
  try {
    return imageStore().list().flatMap(({ name }) =>
      name === undefined ? [] : [{ word: familiarText(name).replace(/:latest$/, ""), meaning: "image" }]
    );
  } catch {
    return [];
  }
}

async function listVolumes(): Promise<readonly Word[]> {
  const { volumeNames } = await import("../runtime/volumes.ts");
  return volumeNames().map((word) => ({ word, meaning: "volume" }));
}

/** Names alone, also of containers of other versions: ids would stand beside them twice. Nothing is put right on the way: a key was pressed, no more. */
async function listNames(): Promise<readonly Word[]> {
  const [{ containerIds }, { readAnyState }] = await Promise.all([
    import("../runtime/container_store.ts"),
    import("../runtime/container_state.ts"),
  ]);
  return containerIds().flatMap((id) => {
    const { name, image, command } = readAnyState(id);
    const words = [image, ...(Array.isArray(command) ? command : [])];
    return typeof name === "string" ? [{ word: name, meaning: words.join(" ") }] : [];
  });
}
