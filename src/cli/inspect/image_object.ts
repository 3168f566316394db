/** An image as `docker image inspect` shows it. Pure. Source: moby, api/types/image. */

import type { ImageFacts } from "../../runtime/show_images.ts";
import { GoMap, type Struct } from "../template/values.ts";

type Json = Readonly<Record<string, unknown>>;

/** Builds the object; what an image does not say is docker's empty value. */
export function buildImageObject(facts: ImageFacts): Struct {
  const { id, tags, digests, config, document, size, digest, mediaType } = facts;
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: "",
    Comment: lastComment(document),
    Created: config.created ?? "",
    DockerVersion: "",
    Author: textOf(document.author),
    Config: buildConfig(isObject(document.config) ? document.config : {}),
    Architecture: config.architecture,
    Variant: document.variant === undefined ? undefined : textOf(document.variant),
    Os: config.os,
    Size: size,
    GraphDriver: { Data: null, Name: "overlay" },
    RootFS: { Type: "layers", Layers: config.diffIds },
    Metadata: { LastTagTime: "0001-01-01T00:00:00Z" },
    // Podman's name, and docker's newer one.
    Digest: digest,
    Descriptor: { mediaType, digest },
  };
}

function buildConfig(config: Json): Struct {
  const { Env, Cmd, Entrypoint, OnBuild, Healthcheck, Shell, StopSignal, StopTimeout, ArgsEscaped } = config;
  return {
    Hostname: textOf(config.Hostname),
    Domainname: textOf(config.Domainname),
    User: textOf(config.User),
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ExposedPorts: maybeSet(config.ExposedPorts),
    Tty: config.Tty === true,
    OpenStdin: config.OpenStdin === true,
    StdinOnce: false,
    Env: listOf(Env),
    Cmd: listOf(Cmd),
    Healthcheck: toStruct(Healthcheck),
    ArgsEscaped,
    Image: textOf(config.Image),
    Volumes: maybeSet(config.Volumes) ?? null,
    WorkingDir: textOf(config.WorkingDir),
    Entrypoint: listOf(Entrypoint),
    OnBuild: listOf(OnBuild),
    Labels: isObject(config.Labels) ? new GoMap("", Object.entries(config.Labels).map(toText)) : null,
    StopSignal: StopSignal === undefined ? undefined : textOf(StopSignal),
    StopTimeout,
    Shell: Shell === undefined ? undefined : listOf(Shell),
  };
}

function toText([name, value]: readonly [string, unknown]): readonly [string, string] {
  return [name, textOf(value)];
}

/** Go's set: a map to nothing. */
function maybeSet(value: unknown): GoMap | undefined {
  if (!isObject(value)) return undefined;
  return new GoMap({}, Object.keys(value).map((name) => [name, {}] as const));
}

function toStruct(value: unknown): Struct | undefined {
  return isObject(value) ? value : undefined;
}

function lastComment({ history }: Json): string {
  const last = Array.isArray(history) ? history.at(-1) : undefined;
  return isObject(last) ? textOf(last.comment) : "";
}

function listOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.map(String) : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
