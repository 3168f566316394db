/** `--log-driver` and `--log-opt`: whether what a container writes is kept, and how much of it. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import { maybeSize } from "./parse_size.ts";
import { ANNOTATION } from "./types.ts";

/** What is kept of each output stream: at most `maxFiles` files of some `maxBytes` each. */
export interface LogOptions {
  readonly driver: "file" | "none";
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** One `--log-opt KEY=VALUE`. */
export type LogOption = { readonly maxBytes: number } | { readonly maxFiles: number };

/** Bounded, unlike docker's: a disk that a log has filled is one of its users' oldest complaints. */
export const DEFAULT_LOG: LogOptions = { driver: "file", maxBytes: 16 * 1024 * 1024, maxFiles: 2 };

/** Below that, files would be made faster than they are read. */
const LEAST_BYTES = 4096;
/** The program counts up to half of what would do. */
const MOST_BYTES = 2 ** 39;
/** Each older file is one rename at each change of files. */
const MOST_FILES = 100;

/** What is suggested for `--log-driver`. */
export const LOG_DRIVERS = ["file", "none"] as const;

/** Docker's and podman's names of drivers that keep the log in a file of the engine's. */
const FILE_DRIVERS = ["file", "json-file", "k8s-file", "local"] as const;

/** Parses `--log-driver`. @throws {CtrError} code "usage" */
export function parseLogDriver(text: string): LogOptions["driver"] {
  if (text === "none") return "none";
  if ((FILE_DRIVERS as readonly string[]).includes(text)) return "file";
  throw new CtrError("usage", `Cannot use log driver ${JSON.stringify(text)}: there is no such driver`, {
    hint: "Write file, which is the default, or none",
  });
}

/** Parses `--log-opt`. @throws {CtrError} code "usage" */
export function parseLogOption(text: string): LogOption {
  const [key = "", value = ""] = text.split(/=(.*)/s);
  if (key === "max-size") return { maxBytes: parseMaxSize(value) };
  if (key === "max-file") return { maxFiles: parseMaxFile(value) };
  throw new CtrError("usage", `Cannot use log option ${JSON.stringify(key)}: there is no such option`, {
    hint: didYouMean(key, ["max-size", "max-file"], "Write max-size=SIZE or max-file=NUMBER"),
  });
}

function parseMaxSize(text: string): number {
  const size = maybeSize(text);
  if (size !== undefined && size >= LEAST_BYTES && size <= MOST_BYTES) return size;
  throw new CtrError("usage", `Cannot use --log-opt max-size=${text}: it is no size from 4k to 512g`, {
    hint: "Write for example --log-opt max-size=10m",
  });
}

function parseMaxFile(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_FILES) return count;
  throw new CtrError(
    "usage",
    `Cannot use --log-opt max-file=${text}: it is no number from 1 to ${MOST_FILES}`,
    { hint: "Write for example --log-opt max-file=3" },
  );
}

/** Gives the annotations of a specification that say what differs from {@link DEFAULT_LOG}. */
export function logAnnotations(
  { logDriver, logOptions = [] }: {
    readonly logDriver?: LogOptions["driver"] | undefined;
    readonly logOptions?: readonly LogOption[] | undefined;
  },
): Record<string, string> {
  const { maxBytes, maxFiles } = Object.assign({}, ...logOptions) as Partial<LogOptions>;
  return {
    ...(logDriver === "none" && { [ANNOTATION.logDriver]: logDriver }),
    ...(maxBytes !== undefined && { [ANNOTATION.logMaxBytes]: `${maxBytes}` }),
    ...(maxFiles !== undefined && { [ANNOTATION.logMaxFiles]: `${maxFiles}` }),
  };
}

/** Reads them back. */
export function parseLog(annotations: Readonly<Record<string, string>>): LogOptions {
  const maxBytes = annotations[ANNOTATION.logMaxBytes];
  const maxFiles = annotations[ANNOTATION.logMaxFiles];
  return {
    driver: annotations[ANNOTATION.logDriver] === "none" ? "none" : DEFAULT_LOG.driver,
    maxBytes: maxBytes === undefined ? DEFAULT_LOG.maxBytes : Number(maxBytes),
    maxFiles: maxFiles === undefined ? DEFAULT_LOG.maxFiles : Number(maxFiles),
  };
}
