/** Images for tests of a registry: documents and blobs that fit together, and what does not. */

import { MEDIA } from "../../image/manifest.ts";

/** A blob with its name. */
export interface SampleBlob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
  readonly size: number;
}

/** A pushed image, part by part. */
export interface SampleImage {
  readonly config: SampleBlob;
  readonly layer: SampleBlob;
  readonly manifest: SampleBlob;
}

/** Makes a blob. */
export async function sampleBlob(text: string): Promise<SampleBlob> {
  const bytes = new TextEncoder().encode(text);
  const digest = `sha256:${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
  return { bytes, digest, size: bytes.length };
}

/** Makes an image; `change` damages its documents. */
export async function sampleImage(
  text: string,
  change: (document: "config" | "manifest", value: Record<string, unknown>) => void = () => {},
): Promise<SampleImage> {
  const layer = await sampleBlob(text);
  const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [layer.digest] } };
  change("config", config);
  const configBlob = await sampleBlob(JSON.stringify(config));
  const pointTo = (mediaType: string, { digest, size }: SampleBlob) => ({ mediaType, digest, size });
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: pointTo(MEDIA.config, configBlob),
    layers: [pointTo(MEDIA.layer, layer)],
  };
  change("manifest", manifest);
  return { config: configBlob, layer, manifest: await sampleBlob(JSON.stringify(manifest)) };
}
