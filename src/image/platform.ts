/** Machines that images are made for, by Go's names. Pure. Source: OCI image-spec, image-index.md, "platform". */

import { CtrError } from "../errors.ts";
import type { Descriptor, Platform } from "./manifest.ts";

/** Go's names of what `uname -m` says. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };
/** Other names that people write. */
const OTHER_NAMES: Readonly<Record<string, string>> = { "x86-64": "amd64", ...ARCHITECTURES };
/** Says nothing more than its architecture does. */
const USUAL_VARIANT: Readonly<Record<string, string>> = { arm64: "v8", amd64: "v1", arm: "v7" };

/** The platform of a machine; `arch` as of `uname -m`. */
export function platformOf(arch: string): Platform {
  return { os: "linux", architecture: ARCHITECTURES[arch] ?? arch };
}

/** Parses `OS/ARCHITECTURE[/VARIANT]`, or an architecture alone. @throws {CtrError} code "usage" */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  const [os, name, variant] = parts.length === 1 ? ["linux", parts[0]!] : parts;
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw new CtrError("usage", `Cannot use platform ${JSON.stringify(text)}: it is not OS/ARCHITECTURE`, {
      hint: "Write it as in linux/arm64 or linux/arm/v7",
    });
  }
  if (os !== "linux") {
    throw new CtrError(
      "unsupported",
      `Cannot use platform ${JSON.stringify(text)}: containers here are of Linux`,
      {
        hint: "Write linux/ and an architecture",
      },
    );
  }
  return { os, architecture: OTHER_NAMES[name!] ?? name!, ...(variant !== undefined && { variant }) };
}

/** Renders a platform as people write it. */
export function renderPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? "" : `/${variant}`}`;
}

/** Chooses the manifest of a list; one of the very variant goes before others of its architecture. */
export function choosePlatform(list: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const fits = list.filter(({ platform }) =>
    platform !== undefined && platform.os === wanted.os && platform.architecture === wanted.architecture
  );
  const exact = fits.find(({ platform }) => variantOf(platform!) === variantOf(wanted));
  return exact ?? (wanted.variant === undefined ? fits[0] : undefined);
}

function variantOf({ architecture, variant }: Platform): string {
  return variant ?? USUAL_VARIANT[architecture] ?? "";
}
