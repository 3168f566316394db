/** Options of `myctr run` that say what a container shares, may do and is limited to. */

import { parseCapability } from "../spec/capabilities.ts";
import { parseDevice } from "../spec/parse_device.ts";
import { parseGidMap, parseUidMap } from "../spec/parse_id_map.ts";
import { parseGroupName, parseOomScore, parseUmask } from "../spec/parse_process.ts";
import { parseSecurityOption } from "../spec/parse_security_opt.ts";
import { parseSysctl } from "../spec/parse_sysctl.ts";
import { parseShmSize } from "../spec/parse_tmpfs.ts";
import { parseUlimit } from "../spec/parse_ulimit.ts";
import {
  CONTAINER,
  IPC_MODES,
  NETWORK_MODES,
  parseIpc,
  parseNetwork,
  parsePid,
  parseUserns,
  parseUts,
  PID_MODES,
  USERNS_MODES,
  UTS_MODES,
} from "./parse_mode.ts";
import type { OptionRow } from "./declaration.ts";

/** In alphabetical order. */
export const ISOLATION_OPTIONS = [
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
    name: "devices",
    long: "--device",
    placeholder: "path[:path]",
    kind: "file",
    description: "give a device of this machine, or a directory of them",
    parse: parseDevice,
    isRepeated: true,
  },
  {
    name: "gidMaps",
    long: "--gidmap",
    placeholder: "id:id[:size]",
    description: "map groups, as --uidmap does; one of the two is both",
    parse: parseGidMap,
    isRepeated: true,
  },
  {
    name: "addedGroups",
    long: "--group-add",
    placeholder: "group",
    description: "add a group of the container, by name or number",
    parse: parseGroupName,
    isRepeated: true,
  },
  {
    name: "ipc",
    long: "--ipc",
    placeholder: "mode",
    kind: [...IPC_MODES, CONTAINER],
    description: "private (default), none, host, container:NAME: shared memory",
    parse: parseIpc,
  },
  {
    name: "network",
    long: "--network",
    aliases: ["--net"],
    placeholder: "mode",
    kind: [...NETWORK_MODES, CONTAINER],
    description: "private, pasta, slirp4netns; none; host; container:NAME",
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
    name: "pid",
    long: "--pid",
    placeholder: "mode",
    kind: [...PID_MODES, CONTAINER],
    description: "private (default), host, container:NAME: processes to see",
    parse: parsePid,
  },
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
    name: "sysctls",
    long: "--sysctl",
    placeholder: "name=value",
    description: "set what the kernel has for each container, as net.*",
    parse: parseSysctl,
    isRepeated: true,
  },
  {
    name: "uidMaps",
    long: "--uidmap",
    placeholder: "id:id[:size]",
    description: "map users of the container to this machine's, or to yours",
    parse: parseUidMap,
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
    name: "userns",
    long: "--userns",
    placeholder: "mode",
    kind: USERNS_MODES,
    description: "private: own user ids; host: this machine's (root only)",
    parse: parseUserns,
  },
  {
    name: "uts",
    long: "--uts",
    placeholder: "mode",
    kind: UTS_MODES,
    description: "private (default); host: the host name of this machine",
    parse: parseUts,
  },
] as const satisfies readonly OptionRow[];
