/** What is seldom needed before a container is made of an image: to pull or unpack it, or to say that it is not there. */

import { CtrError } from "../errors.ts";
import type { Platform } from "../image/manifest.ts";
import { parseReference } from "../image/reference.ts";
import type { ImageStore } from "../image/store.ts";
import { didYouMean } from "../spec/nearest.ts";
import type { PullPolicy } from "../spec/request.ts";
import { type FoundImage, knownNames, maybeFindImage, noImage } from "./find_image.ts";
import { note } from "./note.ts";
import { unpackLayers } from "./unpack_image.ts";

/** How an image is come by. */
export interface FetchOptions {
  readonly policy: PullPolicy;
  readonly platform?: Platform;
  readonly isQuiet: boolean;
}

/** Finds an image, pulls it where that is wanted, and unpacks what of it is not. @throws {CtrError} */
export async function fetchImage(
  store: ImageStore,
  typed: string,
  options: FetchOptions,
): Promise<FoundImage> {
  const there = maybeFindImage(store, typed);
  const isWanted = options.policy === "always" ||
    options.policy === "missing" && (there === undefined || !isFor(there, options.platform));
  if (isWanted) await pull(store, typed, { ...options, isThere: there !== undefined });
  const image = isWanted ? maybeFindImage(store, typed) : there;
  if (image === undefined) throw noImage(store, typed);
  if (!isFor(image, options.platform)) throw otherPlatform(typed, image, options);
  await unpackLayers(image.layers.map(({ blob, diffId }) => ({ digest: blob.digest, diffId })));
  return image;
}

/** Whether an image is for that platform; any is, where none was asked for. */
export function isFor({ config }: FoundImage, platform: Platform | undefined): boolean {
  return platform === undefined || config.architecture === platform.architecture && config.os === platform.os;
}

async function pull(
  store: ImageStore,
  typed: string,
  { platform, isQuiet, isThere }: FetchOptions & { readonly isThere: boolean },
): Promise<void> {
  // Letters of an id are no name that anybody could be asked for.
  if (/^sha256:|^[0-9a-f]{64}$/.test(typed)) throw noImage(store, typed);
  parseReference(typed);
  const [{ pullImage }, { standardView, Transfers }] = await Promise.all([
    import("./pull.ts"),
    import("./transfers.ts"),
  ]);
  if (!isQuiet && !isThere) note(`image ${JSON.stringify(typed)} is not there yet: pulling it`);
  try {
    await pullImage(
      { image: typed, ...(platform !== undefined && { platform }) },
      new Transfers(standardView(isQuiet)),
    );
  } catch (error) {
    throw error instanceof CtrError && !isThere ? withNear(error, store, typed) : error;
  }
}

/** Whoever mistypes a name is told so, whatever the registry says. */
function withNear(error: CtrError, store: ImageStore, typed: string): CtrError {
  const { code, message, hint = "", cause } = error;
  return new CtrError(code, message, { hint: didYouMean(typed, knownNames(store), hint), cause });
}

function otherPlatform(
  typed: string,
  { config: { os, architecture } }: FoundImage,
  { policy }: FetchOptions,
): CtrError {
  return new CtrError(
    "not_found",
    `Cannot use image ${JSON.stringify(typed)}: it is for ${os}/${architecture}`,
    {
      hint: policy === "never" ? "Leave out --pull never" : "Leave out --platform: the registry has no other",
    },
  );
}
