/** `myctr images`: lists images. */

import type { CtrError } from "../errors.ts";
import type { ImageSummary } from "../runtime/images.ts";
import { IMAGE_FILTER_WORDS, parseImageFilter } from "../spec/image_filter.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Call, Declaration } from "./declaration.ts";
import {
  imageListing,
  type ImageOptions,
  type ImageRow,
  renderImageIds,
  renderImages,
} from "./image_table.ts";
import { report } from "./report.ts";

/** Gives the images, the newest first; what can't be read is told of. */
export type ListImages = (onUnreadable: (error: CtrError) => void) => Promise<readonly ImageRow[]>;

const IMAGES = {
  path: "myctr images",
  description: "List images",
  options: [
    { name: "all", long: "--all", short: "-a", description: "steps between too; myctr keeps none" },
    { name: "digests", long: "--digests", description: "show the digests of their manifests too" },
    {
      name: "filter",
      long: "--filter",
      short: "-f",
      placeholder: "key=value",
      isRepeated: true,
      kind: IMAGE_FILTER_WORDS,
      description: "those alone that fit: dangling, label, reference, before, since, until",
      parse: (text: string) => parseImageFilter(text, Date.now()),
    },
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json", "table"],
      description: "table (default), json, or a template as docker has them",
    },
    HELP_OPTION,
    { name: "noTrunc", long: "--no-trunc", description: "do not cut ids" },
    { name: "quiet", long: "--quiet", short: "-q", description: "print ids alone" },
  ],
  operands: [{ name: "name", kind: "image", description: "those with that name, or that name and tag" }],
  examples: ["myctr images", "myctr images -q alpine", "myctr images --format '{{.Repository}} {{.Size}}'"],
} as const satisfies Declaration;

/** Makes the command; `list` and the time are others in tests. */
export function imagesCommand(list: ListImages = listImages, now: () => number = Date.now): Runnable {
  return runnable(IMAGES, async ({ operands, options }, session) => {
    const render = await chooseFormat(options, now());
    let exitCode = 0;
    const rows = await list((error) => {
      session.warn(report(error, session).text);
      exitCode = 1;
    });
    const { name } = operands;
    const fits = (row: ImageRow) =>
      (name === undefined || isCalled(row, name)) && options.filter.every((filter) => filter(row, rows));
    session.print(render(rows.filter(fits)));
    return exitCode;
  });
}

/** As docker: a name without a tag is that of all its tags. */
function isCalled({ repository, tag }: ImageRow, name: string): boolean {
  return name === repository || name === `${repository}:${tag}`;
}

async function chooseFormat(
  { digests, format, noTrunc, quiet }: Call<typeof IMAGES>["options"],
  nowMs: number,
): Promise<(rows: readonly ImageRow[]) => string> {
  const options: ImageOptions = { isCut: !noTrunc, hasDigests: digests === true, nowMs };
  if (quiet) return (rows) => renderImageIds(rows, options);
  if (format === undefined || format === "table") return (rows) => renderImages(rows, options);
  const { parseRowFormat } = await import("./template/rows.ts");
  return parseRowFormat(format, imageListing(options));
}

async function listImages(onUnreadable: (error: CtrError) => void): Promise<readonly ImageRow[]> {
  const [{ listImages }, { familiarName, parseReference }, { localZone }] = await Promise.all([
    import("../runtime/images.ts"),
    import("../image/reference.ts"),
    import("../runtime/local_zone.ts"),
  ]);
  return listImages(onUnreadable).map((summary: ImageSummary) => {
    const { name, tag } = summary.name === undefined
      ? { name: "<none>", tag: "<none>" }
      : familiarName(parseReference(summary.name));
    return { ...summary, repository: name, tag, zoneAt: (ms: number) => localZone(ms) };
  });
}
