/** What the store has, as a registry tells it. */

import { familiarName, parseReference } from "../../image/reference.ts";
import type { Descriptor } from "../../image/manifest.ts";
import type { ImageStore, NamedImage } from "../../image/store.ts";
import { isOf } from "../find_image.ts";
import type { Repository, Tagged } from "./route.ts";

/** Lists the names of repositories, as short as they may be; what has a port in its name can't be asked for. */
export function listRepositories(store: ImageStore): readonly string[] {
  return store.list().flatMap(({ name }) => {
    if (name === undefined) return [];
    const short = familiarName(parseReference(name)).name;
    return short.includes(":") ? [] : [short];
  });
}

/** Lists the tags of a repository; undefined where no image has its name. */
export function listTags(store: ImageStore, { full }: Repository): readonly string[] | undefined {
  const images = store.list().filter(({ name }) => isOf(name, full));
  if (images.length === 0) return undefined;
  return images.flatMap(({ name }) => parseReference(name!).tag ?? []);
}

/** Finds the manifest of a tag or a digest. */
export function findManifest(
  store: ImageStore,
  { full }: Repository,
  tagged: Tagged,
): Descriptor | undefined {
  const fits = "tag" in tagged
    ? ({ name }: NamedImage) => name === `${full}:${tagged.tag}`
    : ({ name, manifest }: NamedImage) => manifest.digest === tagged.digest && isOf(name, full);
  return store.list().find(fits)?.manifest;
}
