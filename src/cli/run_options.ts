/** Declares what `myctr run` understands, and makes its request. */

import { type Command, Option } from "@commander-js/extra-typings";
import { parseCapability } from "../spec/capabilities.ts";
import { parseEnvSetting } from "../spec/parse_env.ts";
import { parseMount } from "../spec/parse_mount.ts";
import { parseHostname, parseLabel, parseName } from "../spec/parse_name.ts";
import { parseRootfs } from "../spec/parse_rootfs.ts";
import { parseTmpfs } from "../spec/parse_tmpfs.ts";
import { parseUser } from "../spec/parse_user.ts";
import { parseVolume } from "../spec/parse_volume.ts";
import type { EnvSetting, MountRequest, RootfsRequest, RunRequest } from "../spec/request.ts";
import { command, examples } from "./command.ts";
import { parseNetwork, parseUserns } from "./parse_mode.ts";

/** The options of `myctr run`, parsed. */
export type RunOptions = {
  readonly capAdd?: string[];
  readonly capDrop?: string[];
  readonly dryRun?: true;
  readonly entrypoint?: string;
  readonly env?: EnvSetting[];
  readonly envFile?: string[];
  readonly explain?: true;
  readonly failStep?: string;
  readonly help?: true;
  readonly hostname?: string;
  readonly interactive?: true;
  readonly label?: Record<string, string>;
  readonly mount?: MountRequest[];
  readonly name?: string;
  readonly network?: "none" | "host";
  readonly pauseStep?: string;
  readonly privileged?: true;
  readonly readOnly?: true;
  readonly rm?: true;
  readonly rootfs?: RootfsRequest;
  readonly rootfsTmpfs?: true;
  readonly tmpfs?: MountRequest[];
  readonly user?: string;
  readonly userns?: "private" | "host";
  readonly volume?: MountRequest[];
  readonly workdir?: string;
};

/** Declares the options, in alphabetical order; the words that follow are the image, if any, and the command. */
export function declareRun(): Command<[string[]], RunOptions> {
  // One list for three flags: they keep the order of the command line.
  const mounts: MountRequest[] = [];
  return command("run", "Run a command in a new container")
    .usage("[options] host [command...]\n       myctr run [options] --rootfs <dir> <command...>")
    .argument("[words...]")
    .option("--cap-add <name>", "give a capability, such as NET_RAW, or ALL", collect(parseCapability))
    .option("--cap-drop <name>", "take a capability away, or ALL", collect(parseCapability))
    .option("--dry-run", "print every step and do none of them")
    .option("--entrypoint <program>", "put a program before the command")
    .option("-e, --env <name=value>", "set a variable; a name alone copies yours", collect(parseEnvSetting))
    .option("--env-file <file>", "set the variables in a file", collect(String))
    .option("--explain", "print every step as it happens")
    .addOption(new Option("--fail-step <step=errno>", "make a step fail").hideHelp())
    .option("--help", "show this help")
    .option("-h, --hostname <name>", "set the host name seen inside", parseHostname)
    .option("-i, --interactive", "pass standard input on")
    .option("-l, --label <key=value>", "attach a label", collectLabels)
    .option(
      "--mount <type=...,...>",
      "mount a directory (type=bind) or memory (type=tmpfs)",
      into(mounts, parseMount),
    )
    .option("--name <name>", "name the container", parseName)
    .option(
      "--net, --network <mode>",
      "none: loopback alone (default); host: this machine's network",
      parseNetwork,
    )
    .addOption(new Option("--pause-step <step>", "wait for ever before a step").hideHelp())
    .option("--privileged", "give all capabilities and mask nothing")
    .option("--read-only", "make the root read-only")
    .option("--rm", "remove the container when it ends")
    .option("--rootfs <dir[:O]>", "use a directory as the root; with :O it stays untouched", parseRootfs)
    .option("--rootfs-tmpfs", "with --rootfs DIR:O: keep changes in memory")
    .option("--tmpfs <path[:options]>", "mount memory at a path", into(mounts, parseTmpfs))
    .option("-u, --user <user[:group]>", "run as a user of the container, by name or number", checkUser)
    .option("--userns <mode>", "private: own user ids; host: this machine's (root only)", parseUserns)
    .option(
      "-v, --volume <path:path[:options]>",
      "mount a directory or file of this machine",
      into(mounts, parseVolume),
    )
    .option("-w, --workdir <path>", "start in a directory of the container")
    .addHelpText("after", EXAMPLES);
}

const EXAMPLES = examples(
  'myctr run host sh -c "id; hostname; ps"        This machine\'s system, nothing to download',
  "myctr run --rm -i host sh                      A shell that reads what you type",
  "myctr run -v .:/src:ro -w /src host ls         With this directory at /src, read-only",
  "myctr run --rootfs ./alpine:O /bin/sh -c pwd   A root of your own, left untouched",
  "myctr run --dry-run host true                  What a container is made of",
);

/** Makes the request of what was parsed. */
export function toRunRequest(words: readonly string[], options: RunOptions): RunRequest {
  const { rootfs } = options;
  const [image, ...command] = words;
  return {
    ...(rootfs === undefined ? { ...defined({ image }), command } : { rootfs, command: words }),
    ...defined({
      entrypoint: options.entrypoint,
      name: options.name,
      workdir: options.workdir,
      user: options.user,
      hostname: options.hostname,
      userns: options.userns,
      failStep: options.failStep,
      pauseStep: options.pauseStep,
    }),
    rootfsTmpfs: options.rootfsTmpfs ?? false,
    remove: options.rm ?? false,
    interactive: options.interactive ?? false,
    env: options.env ?? [],
    envFiles: options.envFile ?? [],
    readOnly: options.readOnly ?? false,
    mounts: options.volume ?? options.mount ?? options.tmpfs ?? [],
    network: options.network ?? "none",
    privileged: options.privileged ?? false,
    capAdd: options.capAdd ?? [],
    capDrop: options.capDrop ?? [],
    labels: options.label ?? {},
    dryRun: options.dryRun ?? false,
    explain: options.explain ?? false,
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Leaves out what is undefined. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function collect<T>(parse: (text: string) => T): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous = []) => [...previous, parse(text)];
}

function into<T>(list: T[], parse: (text: string) => T): (text: string) => T[] {
  return (text) => {
    list.push(parse(text));
    return list;
  };
}

function collectLabels(text: string, previous: Record<string, string> | undefined): Record<string, string> {
  const { key, value } = parseLabel(text);
  return { ...previous, [key]: value };
}

function checkUser(text: string): string {
  parseUser(text);
  return text;
}
