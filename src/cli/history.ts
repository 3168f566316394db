/** `myctr history`: how an image was made. */

import { CtrError } from "../errors.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Call, Declaration } from "./declaration.ts";
import {
  historyListing,
  type HistoryOptions,
  type HistoryRow,
  renderHistory,
  renderHistoryIds,
} from "./history_table.ts";

/** Tells how an image was made, the last step first. */
export type ImageHistory = (image: string) => Promise<readonly HistoryRow[]>;

const HISTORY = {
  path: "myctr history",
  description: "Tell how an image was made",
  options: [
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json", "table"],
      description: "table (default), json, or a template as docker has them",
    },
    HELP_OPTION,
    {
      name: "human",
      long: "--human",
      short: "-H",
      placeholder: "bool",
      kind: ["true", "false"],
      description: "sizes and times as people say them: true (default)",
      parse: parseHuman,
    },
    { name: "noTrunc", long: "--no-trunc", description: "do not cut ids and commands" },
    { name: "quiet", long: "--quiet", short: "-q", description: "print ids alone" },
  ],
  operands: [{ name: "image", isRequired: true, kind: "image", description: "its name or id" }],
  examples: ["myctr history alpine", "myctr history --no-trunc --format '{{.CreatedBy}}' alpine"],
} as const satisfies Declaration;

/** Makes the command; `tell` and the time are others in tests. */
export function historyCommand(tell: ImageHistory = imageHistory, now: () => number = Date.now): Runnable {
  return runnable(HISTORY, async ({ operands: { image }, options }, session) => {
    const render = await chooseFormat(options, now());
    session.print(render(await tell(image)));
    return 0;
  });
}

function parseHuman(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new CtrError("usage", `Cannot use --human=${text}: it is neither true nor false`, {
    hint: "Write --human=false",
  });
}

async function chooseFormat(
  { format, human = true, noTrunc, quiet }: Call<typeof HISTORY>["options"],
  nowMs: number,
): Promise<(rows: readonly HistoryRow[]) => string> {
  const options: HistoryOptions = { isCut: !noTrunc, isHuman: human, nowMs };
  if (quiet) return (rows) => renderHistoryIds(rows, options);
  if (format === undefined || format === "table") return (rows) => renderHistory(rows, options);
  const { parseRowFormat } = await import("./template/rows.ts");
  return parseRowFormat(format, historyListing(options));
}

async function imageHistory(image: string): Promise<readonly HistoryRow[]> {
  const [{ imageHistory }, { localZone }] = await Promise.all([
    import("../runtime/show_images.ts"),
    import("../runtime/local_zone.ts"),
  ]);
  return imageHistory(image).map((step) => ({ ...step, zoneAt: localZone }));
}
