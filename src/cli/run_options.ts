/** What `myctr run` understands. A field of RunRequest and the option for it have one name. */

import { parseCapability } from "../spec/capabilities.ts";
import { parseDevice } from "../spec/parse_device.ts";
import { parseAddedHost, parseDns, parseDnsOption, parseDnsSearch } from "../spec/parse_dns.ts";
import { parseEnvSetting } from "../spec/parse_env.ts";
import { parseMount } from "../spec/parse_mount.ts";
import {
  parseAnnotation,
  parseDomainname,
  parseHostname,
  parseLabel,
  parseName,
} from "../spec/parse_name.ts";
import { parseGroupName, parseOomScore, parseUmask } from "../spec/parse_process.ts";
import { parseRootfs } from "../spec/parse_rootfs.ts";
import { parseSecurityOption } from "../spec/parse_security_opt.ts";
import { parseStopTimeout, parseTimeout } from "../spec/parse_seconds.ts";
import { parseSignal } from "../spec/parse_signal.ts";
import { parseSysctl } from "../spec/parse_sysctl.ts";
import { parseShmSize, parseTmpfs } from "../spec/parse_tmpfs.ts";
import { parseUlimit } from "../spec/parse_ulimit.ts";
import { parseUser } from "../spec/parse_user.ts";
import { parseVolume } from "../spec/parse_volume.ts";
import type { Declaration, OptionRow } from "./declaration.ts";
import { NETWORK_MODES, parseNetwork, parseUserns, USERNS_MODES } from "./parse_mode.ts";

const OPTIONS = [
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
    name: "capAdd",
    long: "--cap-add",
    placeholder: "name",
    kind: "capability",
    description: "give a capability, such as NET_RAW, or ALL",
    parse: parseCapability,
    isRepeated: true,
  },
  {
    name: "capDrop",
    long: "--cap-drop",
    placeholder: "name",
    kind: "capability",
    description: "take a capability away, or ALL",
    parse: parseCapability,
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
    name: "devices",
    long: "--device",
    placeholder: "path[:path]",
    kind: "file",
    description: "give a device of this machine, or a directory of them",
    parse: parseDevice,
    isRepeated: true,
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
  { name: "dryRun", long: "--dry-run", description: "print every step and do none of them" },
  {
    name: "entrypoint",
    long: "--entrypoint",
    placeholder: "program",
    kind: "program",
    description: "put a program before the command",
  },
  {
    name: "env",
    long: "--env",
    short: "-e",
    placeholder: "name=value",
    kind: "variable",
    description: "set a variable; a name alone copies yours",
    parse: parseEnvSetting,
    isRepeated: true,
  },
  {
    name: "envFiles",
    long: "--env-file",
    placeholder: "file",
    kind: "file",
    description: "set the variables in a file",
    isRepeated: true,
  },
  { name: "explain", long: "--explain", description: "print every step as it happens" },
  {
    name: "failStep",
    long: "--fail-step",
    placeholder: "step=errno",
    description: "make a step fail",
    isHidden: true,
  },
  {
    name: "addedGroups",
    long: "--group-add",
    placeholder: "group",
    description: "add a group of the container, by name or number",
    parse: parseGroupName,
    isRepeated: true,
  },
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
  { name: "interactive", long: "--interactive", short: "-i", description: "pass standard input on" },
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
    name: "mounts",
    long: "--mount",
    placeholder: "type=...,...",
    description: "mount a directory (type=bind) or memory (type=tmpfs)",
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
  {
    name: "network",
    long: "--network",
    aliases: ["--net"],
    placeholder: "mode",
    kind: NETWORK_MODES,
    description: "none: loopback alone (default); host: this machine's network",
    parse: parseNetwork,
  },
  {
    name: "oomScoreAdj",
    long: "--oom-score-adj",
    placeholder: "number",
    description: "-1000 to 1000: killed first when memory runs out",
    parse: parseOomScore,
  },
  {
    name: "pauseStep",
    long: "--pause-step",
    placeholder: "step",
    description: "wait for ever before a step",
    isHidden: true,
  },
  {
    name: "pidFile",
    long: "--pidfile",
    placeholder: "file",
    kind: "file",
    description: "write the number of process 1 to a file",
  },
  { name: "privileged", long: "--privileged", description: "give all capabilities and mask nothing" },
  { name: "readOnly", long: "--read-only", description: "make the root read-only" },
  { name: "replace", long: "--replace", description: "remove the container that has the name first" },
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
    name: "securityOptions",
    long: "--security-opt",
    placeholder: "name[=value]",
    description: "no-new-privileges, mask=PATH, unmask=PATH and more",
    parse: parseSecurityOption,
    isRepeated: true,
  },
  {
    name: "shmSize",
    long: "--shm-size",
    placeholder: "size",
    description: "size of /dev/shm, such as 64m (default); 0: no limit",
    parse: parseShmSize,
  },
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
    name: "sysctls",
    long: "--sysctl",
    placeholder: "name=value",
    description: "set what the kernel has for each container, as net.*",
    parse: parseSysctl,
    isRepeated: true,
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
  {
    name: "ulimits",
    long: "--ulimit",
    placeholder: "type=soft[:hard]",
    description: "limit each process, as nofile=1024:4096",
    parse: parseUlimit,
    isRepeated: true,
  },
  {
    name: "umask",
    long: "--umask",
    placeholder: "octal",
    description: "permissions that new files lack (default 0022)",
    parse: parseUmask,
  },
  {
    name: "user",
    long: "--user",
    short: "-u",
    placeholder: "user[:group]",
    description: "run as a user of the container, by name or number",
    parse: checkUser,
  },
  {
    name: "userns",
    long: "--userns",
    placeholder: "mode",
    kind: USERNS_MODES,
    description: "private: own user ids; host: this machine's (root only)",
    parse: parseUserns,
  },
  {
    name: "mounts",
    long: "--volume",
    short: "-v",
    placeholder: "path:path[:options]",
    kind: "volume",
    description: "mount a directory or file of this machine",
    parse: parseVolume,
    isRepeated: true,
  },
  {
    name: "workdir",
    long: "--workdir",
    short: "-w",
    placeholder: "path",
    description: "start in a directory of the container",
  },
] as const satisfies readonly OptionRow[];

/** `myctr run`, declared. */
export const RUN = {
  path: "myctr run",
  description: "Run a command in a new container",
  usage: ["[options] host [command...]", "[options] --rootfs <dir> <command...>"],
  options: OPTIONS,
  // With --rootfs there is no image: both are the command then.
  operands: [{ name: "image", kind: "image" }, { name: "command", isVariadic: true, kind: "program" }],
  stopsAtOperand: true,
  examples: [
    'myctr run host sh -c "id; hostname; ps"        This machine\'s system, nothing to download',
    "myctr run --rm -i host sh                      A shell that reads what you type",
    "myctr run -v .:/src:ro -w /src host ls         With this directory at /src, read-only",
    "myctr run --rootfs ./alpine:O /bin/sh -c pwd   A root of your own, left untouched",
    "myctr run --dry-run host true                  What a container is made of",
  ],
} as const satisfies Declaration;

/** Who that is, only the container's own files tell. */
function checkUser(text: string): string {
  parseUser(text);
  return text;
}
