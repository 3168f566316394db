/** Parses `--device HOST[:CONTAINER][:PERMISSIONS]`. Pure. */

import { CtrError } from "../errors.ts";
import { cleanPath } from "./clean_path.ts";

/** A device of the host, or a directory of them, and where the container has it. */
export interface DeviceRequest {
  /** Absolute, on the host. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly path: string;
}

const FORM = 'Write HOST-PATH:CONTAINER-PATH, as in "/dev/fuse" or "/dev/sda:/dev/xvda"';

/**
 * Parses the value of --device. Whether the device is there is not looked at.
 *
 * @throws {CtrError} code "usage", or "unsupported" for other permissions than rwm and for CDI names
 */
export function parseDevice(text: string): DeviceRequest {
  const fail = (problem: string, hint = FORM, code: "usage" | "unsupported" = "usage") =>
    new CtrError(code, `Cannot use device ${JSON.stringify(text)}: ${problem}`, { hint });
  if (/^[^/:]+\/[^:]+=/.test(text)) throw fail("names of CDI are not there yet", FORM, "unsupported");
  const parts = text.split(":");
  const hasPermissions = parts.length > 1 && /^[rwm]{1,3}$/.test(parts.at(-1)!);
  const permissions = hasPermissions ? parts.pop()! : parts.length > 2 ? undefined : "rwm";
  const [source = "", path = source] = parts;
  if (permissions === undefined || parts.length > 2) throw fail("the permissions are not of r, w and m");
  if (!source.startsWith("/") || !path.startsWith("/")) throw fail("a path is not absolute");
  if (new Set(permissions).size !== permissions.length) throw fail("a permission is named twice");
  if (permissions.length < 3) {
    throw fail(
      "rules for devices are not there yet",
      "Leave the permissions out: the owner and mode of the device decide",
      "unsupported",
    );
  }
  const place = cleanPath(path);
  if (/^\/($|proc(\/|$)|sys(\/|$))/.test(place)) throw fail("it can not appear there", FORM);
  return { source: cleanPath(source), path: place };
}
