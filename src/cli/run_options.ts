/** What `myctr run` understands. A field of RunRequest and the option for it have one name. */

import { parsePlatform } from "../image/platform.ts";
import { parseAttach, STREAMS } from "../spec/parse_attach.ts";
import { parseAddedHost, parseDns, parseDnsOption, parseDnsSearch } from "../spec/parse_dns.ts";
import { LOG_DRIVERS, parseLogDriver, parseLogOption } from "../spec/log_options.ts";
import { parseMount } from "../spec/parse_mount.ts";
import {
  parseAnnotation,
  parseDomainname,
  parseHostname,
  parseLabel,
  parseName,
} from "../spec/parse_name.ts";
import { parseExpose, parsePublish } from "../spec/parse_publish.ts";
import { parsePullPolicy, PULL_POLICIES } from "../spec/parse_pull.ts";
import { parseRootfs } from "../spec/parse_rootfs.ts";
import { parseStopTimeout, parseTimeout } from "../spec/parse_seconds.ts";
import { parseSignal } from "../spec/parse_signal.ts";
import { parseTmpfs } from "../spec/parse_tmpfs.ts";
import { parseVolume, parseVolumesFrom } from "../spec/parse_volume.ts";
import type { Declaration, OptionRow } from "./declaration.ts";
import {
  DETACH_KEYS_OPTION,
  DRY_RUN_OPTION,
  ENV_FILE_OPTION,
  ENV_OPTION,
  EXPLAIN_OPTION,
  FAIL_STEP_OPTION,
  INTERACTIVE_OPTION,
  PAUSE_STEP_OPTION,
  RESTART_OPTION,
  SIG_PROXY_OPTION,
  TTY_OPTION,
  USER_OPTION,
  WORKDIR_OPTION,
} from "./process_options.ts";
import { HEALTH_OPTIONS } from "./run_health_options.ts";
import { ISOLATION_OPTIONS } from "./run_isolation_options.ts";

/** Options of all kinds, but for those of {@link HEALTH_OPTIONS} and {@link ISOLATION_OPTIONS}. */
const MORE_OPTIONS = [
  {
    name: "addedHosts",
    long: "--add-host",
    placeholder: "name=ip",
    description: "add a line to /etc/hosts",
    parse: parseAddedHost,
    isRepeated: true,
  },
  {
    name: "annotations",
    long: "--annotation",
    placeholder: "key=value",
    description: "put an annotation into config.json",
    parse: parseAnnotation,
    isRepeated: true,
  },
  {
    name: "attach",
    long: "--attach",
    short: "-a",
    placeholder: "stream",
    kind: STREAMS,
    description: "pass on that stream alone: stdin, stdout, stderr",
    parse: parseAttach,
    isRepeated: true,
  },
  {
    name: "cidFile",
    long: "--cidfile",
    placeholder: "file",
    kind: "file",
    description: "write the id to a file, which must be new",
  },
  {
    name: "detach",
    long: "--detach",
    short: "-d",
    description: "run in the background and print the id",
  },
  {
    name: "nameServers",
    long: "--dns",
    placeholder: "ip",
    description: "ask a name server, in place of the host's",
    parse: parseDns,
    isRepeated: true,
  },
  {
    name: "resolverOptions",
    long: "--dns-option",
    aliases: ["--dns-opt"],
    placeholder: "option",
    description: "set an option in /etc/resolv.conf",
    parse: parseDnsOption,
    isRepeated: true,
  },
  {
    name: "searchDomains",
    long: "--dns-search",
    placeholder: "domain",
    description: "complete names with a domain; . for none",
    parse: parseDnsSearch,
    isRepeated: true,
  },
  {
    name: "domainname",
    long: "--domainname",
    placeholder: "name",
    description: "set the NIS domain name seen inside",
    parse: parseDomainname,
  },
  DETACH_KEYS_OPTION,
  DRY_RUN_OPTION,
  {
    name: "entrypoint",
    long: "--entrypoint",
    placeholder: "program",
    kind: "program",
    description: "put a program before the command",
  },
  ENV_OPTION,
  ENV_FILE_OPTION,
  EXPLAIN_OPTION,
  {
    name: "exposedPorts",
    long: "--expose",
    placeholder: "port",
    description: "name a port, or a range, for --publish-all",
    parse: parseExpose,
    isRepeated: true,
  },
  FAIL_STEP_OPTION,
  { name: "help", long: "--help", description: "show this help" },
  {
    name: "hostname",
    long: "--hostname",
    short: "-h",
    placeholder: "name",
    description: "set the host name seen inside",
    parse: parseHostname,
  },
  {
    name: "init",
    long: "--init",
    description: "put an init before the command, which reaps",
  },
  INTERACTIVE_OPTION,
  {
    name: "labels",
    long: "--label",
    short: "-l",
    placeholder: "key=value",
    description: "attach a label",
    parse: parseLabel,
    isRepeated: true,
  },
  {
    name: "labelFiles",
    long: "--label-file",
    placeholder: "file",
    kind: "file",
    description: "attach the labels in a file",
    isRepeated: true,
  },
  {
    name: "logDriver",
    long: "--log-driver",
    placeholder: "driver",
    kind: LOG_DRIVERS,
    description: "keep what is written in a file, or none of it",
    parse: parseLogDriver,
  },
  {
    name: "logOptions",
    long: "--log-opt",
    placeholder: "key=value",
    description: "bound the log: max-size=16m, max-file=2",
    parse: parseLogOption,
    isRepeated: true,
  },
  {
    name: "mounts",
    long: "--mount",
    placeholder: "type=...,...",
    description: "mount a directory (type=bind), volume, memory (tmpfs)",
    parse: parseMount,
    isRepeated: true,
  },
  {
    name: "name",
    long: "--name",
    placeholder: "name",
    description: "name the container",
    parse: parseName,
  },
  PAUSE_STEP_OPTION,
  {
    name: "pidFile",
    long: "--pidfile",
    placeholder: "file",
    kind: "file",
    description: "write the number of process 1 to a file",
  },
  {
    name: "platform",
    long: "--platform",
    placeholder: "os/arch",
    kind: ["linux/amd64", "linux/arm64"],
    description: "take the image for another machine",
    parse: parsePlatform,
  },
  { name: "privileged", long: "--privileged", description: "give all capabilities and mask nothing" },
  {
    name: "ports",
    long: "--publish",
    short: "-p",
    placeholder: "[ip:][port:]port",
    description: "reach a port at one of this machine's, 127.0.0.1 unless told",
    parse: parsePublish,
    isRepeated: true,
  },
  {
    name: "publishAll",
    long: "--publish-all",
    short: "-P",
    description: "publish all exposed ports, at ports that are free",
  },
  {
    name: "pull",
    long: "--pull",
    placeholder: "when",
    kind: PULL_POLICIES,
    description: "get the image: always, missing (default), never",
    parse: parsePullPolicy,
  },
  { name: "quiet", long: "--quiet", short: "-q", description: "do not show how a pull goes" },
  { name: "readOnly", long: "--read-only", description: "make the root read-only" },
  { name: "replace", long: "--replace", description: "remove the container that has the name first" },
  RESTART_OPTION,
  { name: "remove", long: "--rm", description: "remove the container when it ends" },
  {
    name: "rootfs",
    long: "--rootfs",
    placeholder: "dir[:O]",
    kind: "directory",
    description: "use a directory as the root; with :O it stays untouched",
    parse: parseRootfs,
  },
  { name: "rootfsTmpfs", long: "--rootfs-tmpfs", description: "with --rootfs DIR:O: keep changes in memory" },
  {
    name: "statusFile",
    long: "--status-file",
    placeholder: "file",
    kind: "file",
    description: "write how it ended to a file, as JSON",
  },
  {
    name: "stopSignal",
    long: "--stop-signal",
    placeholder: "signal",
    description: "ask it to end by another signal than TERM",
    parse: parseSignal,
  },
  {
    name: "stopTimeoutSeconds",
    long: "--stop-timeout",
    placeholder: "seconds",
    description: "kill it so long after that (10); -1: never",
    parse: parseStopTimeout,
  },
  {
    name: "timeoutSeconds",
    long: "--timeout",
    placeholder: "seconds",
    description: "end it when it has run so long",
    parse: parseTimeout,
  },
  {
    name: "mounts",
    long: "--tmpfs",
    placeholder: "path[:options]",
    description: "mount memory at a path",
    parse: parseTmpfs,
    isRepeated: true,
  },
  SIG_PROXY_OPTION,
  TTY_OPTION,
  USER_OPTION,
  {
    name: "mounts",
    long: "--volume",
    short: "-v",
    placeholder: "source:path[:options]",
    kind: "volume",
    description: "mount a directory or file, or a volume by its name",
    parse: parseVolume,
    isRepeated: true,
  },
  {
    name: "volumesFrom",
    long: "--volumes-from",
    placeholder: "container[:ro]",
    kind: "container",
    description: "mount what another container has mounted",
    parse: parseVolumesFrom,
    isRepeated: true,
  },
  WORKDIR_OPTION,
] as const satisfies readonly OptionRow[];

/** In alphabetical order, as help shows them. */
const OPTIONS = [...MORE_OPTIONS, ...HEALTH_OPTIONS, ...ISOLATION_OPTIONS].sort((a, b) =>
  a.long < b.long ? -1 : 1
);

/** `myctr run`, declared. */
export const RUN = {
  path: "myctr run",
  description: "Run a command in a new container",
  usage: ["[options] <image> [command...]", "[options] --rootfs <dir> <command...>"],
  options: OPTIONS,
  // With --rootfs there is no image: both are the command then.
  operands: [{ name: "image", kind: "image" }, { name: "command", isVariadic: true, kind: "program" }],
  stopsAtOperand: true,
  examples: [
    'myctr run host sh -c "id; hostname; ps"        This machine\'s system, nothing to download',
    "myctr run --rm -it host sh                     A shell at a terminal of its own",
    "myctr run -v .:/src:ro -w /src host ls         With this directory at /src, read-only",
    "myctr run --rootfs ./alpine:O /bin/sh -c pwd   A root of your own, left untouched",
    "myctr run --dry-run host true                  What a container is made of",
  ],
} as const satisfies Declaration;

/** Options that are about one start: a container that is only created has none yet. */
const START_OPTIONS: readonly string[] = [
  "attach",
  "detach",
  "dryRun",
  "explain",
  "failStep",
  "pauseStep",
  "pidFile",
  "statusFile",
];

/** `myctr create`, declared: what it takes is what `run` takes, but for the start. */
export const CREATE = {
  ...RUN,
  path: "myctr create",
  description: "Make a container that is started later",
  options: OPTIONS.filter(({ name }) => !START_OPTIONS.includes(name)),
  examples: [
    "myctr create --name web host sleep 1h   Prints the id",
    "myctr start web                         Runs it, in the background",
  ],
} as const satisfies Declaration;
