/**
 * Reads seccomp profiles: docker's format with its conditions, podman's, and the OCI runtime-spec's. Pure.
 *
 * Source: github.com/moby/profiles, seccomp/seccomp.go; runtime-spec 1.2, config-linux.md, "Seccomp".
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { CAPABILITIES } from "../spec/capabilities.ts";
import { type Fields, JsonReader } from "./json_reader.ts";
import {
  type Action,
  type ActionName,
  ACTIONS,
  type Condition,
  OPERATORS,
  type Rule,
  takesNumber,
} from "./seccomp_rule.ts";

/** When a rule of a profile counts: all that is given must be so. Empty lists say nothing. */
export interface Circumstances {
  readonly caps: readonly string[];
  /** Docker's words for machines: `amd64`, `arm64` … */
  readonly arches: readonly string[];
  readonly minKernel: KernelVersion | undefined;
}

/** The first two numbers of a release: 6.18 is 6, 18. */
export type KernelVersion = readonly [version: number, patchlevel: number];

/** A rule that may depend on the container and the machine. */
export interface ProfileRule extends Rule {
  /** The rule counts only if all of it holds. */
  readonly includes: Circumstances;
  /** The rule counts only if none of it holds. */
  readonly excludes: Circumstances;
}

/** A profile as it was written. */
export interface ParsedProfile {
  readonly defaultAction: Action;
  /** `SCMP_ARCH_…`; with {@linkcode archMap}, empty. */
  readonly architectures: readonly string[];
  /** For each machine, what else its filter is for. */
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  /** Absent, not empty, where the profile leaves the choice to the runtime. */
  readonly flags: readonly string[] | undefined;
  readonly rules: readonly ProfileRule[];
  /** The profile, as it stands in messages after "Cannot use". */
  readonly subject: string;
}

/** How a profile is written: a file of docker or podman, or `linux.seccomp` of a config.json. */
export type Dialect = "docker" | "oci";

/** Architectures of libseccomp; those of other machines are of no effect. Source: seccomp_arch_add(3). */
const ARCHITECTURES = ("X86_64 X86 X32 AARCH64 ARM LOONGARCH64 M68K MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 " +
  "MIPSEL64N32 PARISC PARISC64 PPC PPC64 PPC64LE RISCV64 S390 S390X SH SHEB").split(" ")
  .map((name) => `SCMP_ARCH_${name}`);

/** Docker's words for machines. Source: moby's seccomp_linux.go. */
const DOCKER_ARCHES = ("amd64 x86 x32 arm64 arm loong64 loongarch64 mips mips64 mips64n32 mipsel mipsel64 " +
  "mipsel64n32 mips3l64n32 ppc ppc64 ppc64le riscv64 s390 s390x").split(" ");

/** Flags of seccomp(2) that a profile may name. Source: runtime-spec; TSYNC is runc's. */
const FLAGS = [
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
] as const;

const KEYS = {
  oci: {
    profile: [
      "defaultAction",
      "defaultErrnoRet",
      "architectures",
      "flags",
      "listenerPath",
      "listenerMetadata",
      "syscalls",
    ],
    rule: ["names", "action", "errnoRet", "args"],
  },
  docker: {
    profile: ["archMap", "defaultErrno"],
    rule: ["name", "errno", "comment", "includes", "excludes"],
  },
} as const;

const CONDITION_KEYS = ["index", "value", "valueTwo", "op"];
const CIRCUMSTANCE_KEYS = ["caps", "arches", "minKernel"];
const ARCH_MAP_KEYS = ["architecture", "subArchitectures"];

const LAST_ARGUMENT = 5n;
const LARGEST_VALUE = 0xffff_ffff_ffff_ffffn;

/** The kernel cuts a larger errno off: MAX_ERRNO, include/linux/err.h. */
const LARGEST_ERRNO = 4095n;
const LARGEST_MESSAGE = 0xffffn;

/** As the specification has it, for ERRNO and for TRACE. */
const DEFAULT_ERRNO = BigInt(ERRNO.EPERM);

const NOTHING: Circumstances = { caps: [], arches: [], minKernel: undefined };

/** What is parsed, and how. */
export interface ProfileSource {
  /** The file, or whatever tells a user where the text came from. */
  readonly name: string;
  readonly dialect: Dialect;
}

/**
 * Parses a profile. Names of calls are not checked: other machines and newer kernels have others.
 *
 * @throws {CtrError} code "usage" for whatever the format does not have
 */
export function parseProfile(text: string, { name, dialect }: ProfileSource): ParsedProfile {
  const reader = new JsonReader(`seccomp profile ${JSON.stringify(name)}`);
  const isDocker = dialect === "docker";
  const keys = isDocker ? [...KEYS.oci.profile, ...KEYS.docker.profile] : KEYS.oci.profile;
  const fields = reader.object(reader.parse(text), "its content", keys);
  if (fields.listenerPath !== undefined) reader.text(fields.listenerPath, "listenerPath");
  if (fields.listenerMetadata !== undefined) readMetadata(reader, fields.listenerMetadata);
  const ruleKeys = isDocker ? [...KEYS.oci.rule, ...KEYS.docker.rule] : KEYS.oci.rule;
  const profile = {
    defaultAction: readAction(reader, fields, DEFAULT_ACTION_KEYS),
    architectures: reader.words(fields.architectures, "architectures", ARCHITECTURES),
    archMap: reader.list(fields.archMap, "archMap").map((each, index) =>
      readArchMap(reader, each, `archMap[${index}]`)
    ),
    flags: fields.flags === undefined ? undefined : reader.words(fields.flags, "flags", FLAGS),
    rules: reader.list(fields.syscalls, "syscalls").map((each, index) => {
      const path = `syscalls[${index}]`;
      return readRule(reader, reader.object(each, path, ruleKeys), path);
    }),
    subject: reader.subject,
  };
  if (profile.architectures.length > 0 && profile.archMap.length > 0) {
    reader.refuse("its content", 'has both "architectures" and "archMap"', "Leave one of the two out");
  }
  return profile;
}

function readMetadata(reader: JsonReader, value: unknown): void {
  if (typeof value === "string") return;
  reader.refuse("listenerMetadata", "is no text", "Give it as a text, or leave it out");
}

function readArchMap(reader: JsonReader, value: unknown, path: string): ParsedProfile["archMap"][number] {
  const fields = reader.object(value, path, ARCH_MAP_KEYS);
  return {
    architecture: reader.word(fields.architecture, `${path}.architecture`, ARCHITECTURES),
    subArchitectures: reader.words(fields.subArchitectures, `${path}.subArchitectures`, ARCHITECTURES),
  };
}

/** Where an action and its number stand. */
interface ActionKeys {
  readonly path: string;
  readonly action: string;
  readonly number: string;
  readonly name: string;
}

const DEFAULT_ACTION_KEYS: ActionKeys = {
  path: "",
  action: "defaultAction",
  number: "defaultErrnoRet",
  name: "defaultErrno",
};

function readAction(reader: JsonReader, fields: Fields, { path, action, number, name }: ActionKeys): Action {
  const word = reader.word(
    fields[action],
    `${path}${action}`,
    Object.keys(ACTIONS) as ActionName[],
  );
  const given = fields[number] === undefined ? name : number;
  if (!takesNumber(word)) {
    if (fields[given] === undefined) return ACTIONS[word];
    reader.refuse(
      `${path}${given}`,
      `stands beside ${word}`,
      "Use it with SCMP_ACT_ERRNO and SCMP_ACT_TRACE",
    );
  }
  const most = word === "SCMP_ACT_ERRNO" ? LARGEST_ERRNO : LARGEST_MESSAGE;
  const named = fields[name] === undefined ? DEFAULT_ERRNO : BigInt(
    ERRNO[reader.word(fields[name], `${path}${name}`, Object.keys(ERRNO) as (keyof typeof ERRNO)[])],
  );
  const chosen = fields[number] === undefined
    ? named
    : reader.whole(fields[number], `${path}${number}`, most);
  if (fields[name] !== undefined && named !== chosen) {
    reader.refuse(
      `${path}${number}`,
      `is ${chosen}, which is not ${fields[name]}`,
      "Leave one of the two out",
    );
  }
  return ACTIONS[word] | Number(chosen);
}

function readRule(reader: JsonReader, fields: Fields, path: string): ProfileRule {
  return {
    names: readNames(reader, fields, path),
    action: readAction(reader, fields, {
      path: `${path}.`,
      action: "action",
      number: "errnoRet",
      name: "errno",
    }),
    conditions: reader.list(fields.args, `${path}.args`).map((each, index) =>
      readCondition(reader, each, `${path}.args[${index}]`)
    ),
    where: `${path} of ${reader.subject}`,
    includes: readCircumstances(reader, fields.includes, `${path}.includes`),
    excludes: readCircumstances(reader, fields.excludes, `${path}.excludes`),
  };
}

/** Before it had `names`, docker's format had a rule for each `name`. */
function readNames(reader: JsonReader, fields: Fields, path: string): readonly string[] {
  if (fields.name !== undefined && fields.names !== undefined) {
    reader.refuse(path, 'has both "name" and "names"', "Leave one of the two out");
  }
  if (fields.name !== undefined) return [reader.text(fields.name, `${path}.name`)];
  const names = reader.list(fields.names, `${path}.names`);
  if (names.length === 0) reader.refuse(`${path}.names`, "is missing", "Name at least one system call");
  return names.map((each, index) => reader.text(each, `${path}.names[${index}]`));
}

function readCondition(reader: JsonReader, value: unknown, path: string): Condition {
  const fields = reader.object(value, path, CONDITION_KEYS);
  const op = reader.word(fields.op, `${path}.op`, OPERATORS);
  const valueTwo = fields.valueTwo === undefined
    ? 0n
    : reader.whole(fields.valueTwo, `${path}.valueTwo`, LARGEST_VALUE);
  return {
    index: Number(reader.whole(fields.index, `${path}.index`, LAST_ARGUMENT)),
    op,
    value: reader.whole(fields.value, `${path}.value`, LARGEST_VALUE),
    // Docker writes it for every operator; only one looks at it.
    valueTwo: op === "SCMP_CMP_MASKED_EQ" ? valueTwo : 0n,
  };
}

function readCircumstances(reader: JsonReader, value: unknown, path: string): Circumstances {
  if (value === undefined) return NOTHING;
  const fields = reader.object(value, path, CIRCUMSTANCE_KEYS);
  return {
    caps: reader.words(fields.caps, `${path}.caps`, CAPABILITIES),
    arches: reader.words(fields.arches, `${path}.arches`, DOCKER_ARCHES),
    minKernel: fields.minKernel === undefined || fields.minKernel === ""
      ? undefined
      : readKernel(reader, fields.minKernel, `${path}.minKernel`),
  };
}

function readKernel(reader: JsonReader, value: unknown, path: string): KernelVersion {
  const text = reader.text(value, path);
  const [, version, patchlevel] = /^(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
  if (version !== undefined && patchlevel !== undefined) return [Number(version), Number(patchlevel)];
  return reader.refuse(path, `is ${JSON.stringify(text)}`, 'Write two numbers, such as "4.8"');
}
