/**
 * Manifests and configurations of images: what of them is used, and that they are what they say. Pure.
 * Source: OCI image-spec 1.1, manifest.md, image-index.md, config.md; docker's image manifest v2 schema 2.
 */

import { CtrError } from "../errors.ts";
import type { HealthRequest } from "../spec/healthcheck.ts";
import { isDigest } from "./reference.ts";

/** Points to a blob. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
}

/** What a manifest of an index is for, by Go's names. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** An image's parts. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  /** The lowest first. */
  readonly layers: readonly Descriptor[];
}

/** What an image says of itself. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  /** As RFC 3339 writes it. */
  readonly created?: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly stopSignal?: string;
  /** Docker's addition to the OCI's. */
  readonly health?: HealthRequest;
  readonly labels: Readonly<Record<string, string>>;
  /** As `80/tcp`. */
  readonly exposedPorts: readonly string[];
  /** Paths that ask for a volume. */
  readonly volumes: readonly string[];
  /** Of the layers, unpacked: the lowest first. */
  readonly diffIds: readonly string[];
}

export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

/** docker makes no image of more, and overlay's options would not take many more. */
const MAX_LAYERS = 127;

type Json = Readonly<Record<string, unknown>>;

/** Something of an image that is not what it should be. */
export function imageError(what: string, why: string): CtrError {
  return new CtrError("usage", `Cannot use ${what}: ${why}`, {
    hint: "Get the image again, from somewhere else if it happens again",
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON that shall be an object. @throws {CtrError} code "usage" */
export function parseObject(text: string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw imageError(what, "it is no JSON");
  }
  if (isObject(value)) return value;
  throw imageError(what, "it is no JSON object");
}

/** Reads a descriptor. @throws {CtrError} code "usage" */
export function readDescriptor(value: unknown, what: string): Descriptor {
  if (!isObject(value)) throw imageError(what, "a descriptor is missing");
  const { mediaType, digest, size, annotations, platform } = value;
  if (typeof digest !== "string" || !isDigest(digest)) {
    throw imageError(what, `${JSON.stringify(digest)?.slice(0, 80)} is no digest`);
  }
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw imageError(what, `the size of ${digest.slice(0, 19)} is missing`);
  }
  return {
    mediaType: typeof mediaType === "string" ? mediaType : "",
    digest,
    size,
    ...(isObject(annotations) && { annotations: texts(annotations) }),
    ...(isObject(platform) && { platform: platform as unknown as Platform }),
  };
}

/** Reads a list of manifests. @throws {CtrError} code "usage" */
export function readIndex(text: string, what: string): readonly Descriptor[] {
  const { manifests } = parseObject(text, what);
  if (!Array.isArray(manifests)) throw imageError(what, "it has no list of manifests");
  return manifests.map((each) => readDescriptor(each, what));
}

/** Whether a media type is that of a list of manifests. */
export function isIndex(mediaType: string): boolean {
  return mediaType === MEDIA.index || mediaType === MEDIA.dockerList;
}

/** Reads a manifest. @throws {CtrError} code "usage", and "unsupported" for what is no image */
export function readManifest(text: string, what: string): Manifest {
  const { schemaVersion, mediaType, config, layers } = parseObject(text, what);
  if (schemaVersion !== 2) throw imageError(what, "it is a manifest of another version");
  if (!Array.isArray(layers)) throw imageError(what, "it has no list of layers");
  if (layers.length > MAX_LAYERS) throw imageError(what, `it has more than ${MAX_LAYERS} layers`);
  return {
    schemaVersion,
    mediaType: typeof mediaType === "string" ? mediaType : MEDIA.manifest,
    config: readDescriptor(config, what),
    layers: layers.map((each) => readDescriptor(each, what)),
  };
}

const LAYER_TYPE =
  /^application\/vnd\.(?:oci\.image\.layer\.v1\.tar|docker\.image\.rootfs\.diff\.tar)(?:[.+](?:gzip|zstd))?$/;
const CONFIG_TYPES: ReadonlySet<string> = new Set([
  MEDIA.config,
  "application/vnd.docker.container.image.v1+json",
]);

/**
 * Refuses a manifest of something else: registries have charts, signatures, layers that must be fetched elsewhere.
 *
 * @throws {CtrError} code "unsupported"
 */
export function refuseOthers({ config, layers }: Manifest): void {
  const other = CONFIG_TYPES.has(config.mediaType)
    ? layers.find(({ mediaType }) => !LAYER_TYPE.test(mediaType))
    : config;
  if (other === undefined) return;
  throw new CtrError(
    "unsupported",
    `Cannot use ${other.digest}: its type is ${JSON.stringify(other.mediaType.slice(0, 80))}`,
    {
      hint: "What has this name is no image of a Linux container: use another one",
    },
  );
}

/** Reads a configuration. @throws {CtrError} code "usage" */
export function readImageConfig(text: string, what: string): ImageConfig {
  const { architecture, os, created, config, rootfs } = parseObject(text, what);
  const inner = isObject(config) ? config : {};
  const optional = (key: string) =>
    typeof inner[key] === "string" && inner[key] !== "" ? inner[key] as string : undefined;
  const diffIds = list(isObject(rootfs) ? rootfs.diff_ids : undefined);
  if (!diffIds.every(isDigest)) throw imageError(what, "a diff_id is no digest");
  const [user, workdir, stopSignal] = ["User", "WorkingDir", "StopSignal"].map(optional);
  return {
    architecture: String(architecture ?? ""),
    os: String(os ?? ""),
    ...(typeof created === "string" && { created }),
    env: list(inner.Env),
    entrypoint: list(inner.Entrypoint),
    command: list(inner.Cmd),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(isObject(inner.Healthcheck) && { health: readHealthCheck(inner.Healthcheck) }),
    labels: isObject(inner.Labels) ? texts(inner.Labels) : {},
    exposedPorts: isObject(inner.ExposedPorts) ? Object.keys(inner.ExposedPorts) : [],
    volumes: isObject(inner.Volumes) ? Object.keys(inner.Volumes) : [],
    diffIds,
  };
}

/** Times stand there in nanoseconds; what is no number counts as not there. Source: docker's image-spec. */
function readHealthCheck(found: Json): HealthRequest {
  const test = list(found.Test);
  const time = (key: string) => typeof found[key] === "number" ? Math.max(0, found[key] / 1e6) : 0;
  const fields = {
    healthIntervalMs: time("Interval"),
    healthTimeoutMs: time("Timeout"),
    healthStartPeriodMs: time("StartPeriod"),
    healthStartIntervalMs: time("StartInterval"),
    healthRetries: typeof found.Retries === "number" ? Math.max(0, Math.floor(found.Retries)) : 0,
  };
  return {
    ...(test.length > 0 && { healthCommand: test }),
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value > 0)),
  };
}

/** A step by which an image was made. */
export interface HistoryEntry {
  /** Milliseconds since 1970; 0 where it does not say. */
  readonly createdMs: number;
  readonly createdBy: string;
  readonly comment: string;
  /** Whether it made no layer. */
  readonly isEmpty: boolean;
}

/** Reads the steps of a configuration, the first first. @throws {CtrError} code "usage" */
export function readHistory(text: string, what: string): readonly HistoryEntry[] {
  const { history } = parseObject(text, what);
  return (Array.isArray(history) ? history : []).filter(isObject).map((step) => {
    const { created, created_by: createdBy, comment, empty_layer: isEmpty } = step;
    return {
      createdMs: typeof created === "string" ? Date.parse(created) || 0 : 0,
      createdBy: typeof createdBy === "string" ? createdBy : "",
      comment: typeof comment === "string" ? comment : "",
      isEmpty: isEmpty === true,
    };
  });
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function texts(record: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
