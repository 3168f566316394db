/** Reads the devices that `--device` names. */

import { CtrError } from "../errors.ts";
import type { AddedDevice } from "./host_facts.ts";
import { readDevices, splitDevice } from "./read_facts.ts";

/** A device, or a directory of them, and where the container shall have it. */
interface Wanted {
  readonly source: string;
  readonly path: string;
}

/**
 * Reads them; links to a device count as the device, as those in /dev/disk do.
 *
 * @throws {CtrError} code "not_found" where nothing is, "usage" for what is no device
 */
export function readAddedDevices(wanted: readonly Wanted[]): readonly AddedDevice[] {
  return wanted.flatMap(({ source, path }) => {
    const status = statusOf(source);
    if (status.isDirectory) {
      const nodes = readDevices(source, `${source.replace(/^\/dev\/|^\//, "")}/`);
      if (nodes.length === 0) throw noDevice(source, "the directory has no device");
      return nodes.map((node) => {
        const rest = node.name.slice(source.replace(/^\/dev\/|^\//, "").length);
        return { source: source + rest, path: path + rest, node };
      });
    }
    if (!status.isBlockDevice && !status.isCharDevice) throw noDevice(source, "it is no device");
    const { major, minor } = splitDevice(status.rdev ?? 0);
    const modeOctal = (status.mode ?? 0) & 0o777;
    return [{
      source,
      path,
      node: { name: path, isBlock: status.isBlockDevice === true, major, minor, modeOctal },
    }];
  });
}

function statusOf(source: string): Deno.FileInfo {
  try {
    return Deno.statSync(source);
  } catch (error) {
    throw new CtrError("not_found", `Cannot give the device ${JSON.stringify(source)}: it is not there`, {
      hint: "Check the path behind --device",
      cause: error,
    });
  }
}

function noDevice(source: string, problem: string): CtrError {
  return new CtrError("usage", `Cannot give the device ${JSON.stringify(source)}: ${problem}`, {
    hint: "Use -v for files and directories",
  });
}
