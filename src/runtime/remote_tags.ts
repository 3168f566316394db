/** Which tags a repository has in its registry. */

import { CtrError } from "../errors.ts";
import { fullName } from "../image/reference.ts";
import { loadRegistriesConf } from "../image/registry/load_registries_conf.ts";
import { resolveName, resolveSources } from "../image/registry/registries_conf.ts";
import { fetchTags } from "../image/registry/tags.ts";
import { askFirst } from "./registry_client.ts";

/** Names of all images of a repository, as it was typed, each with its tag. @throws {CtrError} where there are none */
export async function listRemoteImages(typed: string): Promise<readonly string[]> {
  if (/:[^/]*$|@/.test(typed)) {
    throw new CtrError("usage", "Cannot pull all tags: one is named", {
      hint: "Leave out the tag, or --all-tags",
    });
  }
  const conf = await loadRegistriesConf();
  const reference = resolveName(typed, conf);
  const tags = await askFirst(
    resolveSources(reference, conf),
    (client, { repository }) => fetchTags(client, repository, `list the tags of ${typed}`),
  );
  if (tags.length > 0) return tags.map((tag) => `${typed}:${tag}`);
  throw new CtrError("not_found", `Cannot pull all tags of ${typed}: the registry has none`, {
    hint: `Look at ${fullName({ ...reference, tag: "TAG" })} with the tools of the registry`,
  });
}
