/** The list of commands. Each module is loaded when its command is called, or help is asked for. */

import type { Runnable } from "./command.ts";

/** A command, not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Whether it is myctr's own, and not for people. */
  readonly isHidden?: true;
  /** What it is about: docker's longer form begins with that word, as in `container ls`. */
  readonly noun?: "container" | "image";
  readonly load: () => Promise<Runnable>;
}

/** In the order in which help shows them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "run", noun: "container", load: async () => (await import("./run.ts")).runCommand() },
  { name: "create", noun: "container", load: async () => (await import("./run.ts")).createCommand() },
  { name: "start", noun: "container", load: async () => (await import("./start.ts")).startCommand() },
  { name: "exec", noun: "container", load: async () => (await import("./exec.ts")).execCommand() },
  { name: "attach", noun: "container", load: async () => (await import("./attach.ts")).attachCommand() },
  { name: "wait", noun: "container", load: async () => (await import("./wait.ts")).waitCommand() },
  { name: "logs", noun: "container", load: async () => (await import("./logs.ts")).logsCommand() },
  { name: "events", load: async () => (await import("./events.ts")).eventsCommand() },
  {
    name: "list",
    noun: "container",
    aliases: ["ls", "ps"],
    load: async () => (await import("./list.ts")).listCommand(),
  },
  { name: "inspect", noun: "container", load: async () => (await import("./inspect.ts")).inspectCommand() },
  { name: "stop", noun: "container", load: async () => (await import("./stop.ts")).stopCommand() },
  { name: "kill", noun: "container", load: async () => (await import("./stop.ts")).killCommand() },
  { name: "restart", noun: "container", load: async () => (await import("./restart.ts")).restartCommand() },
  { name: "pause", noun: "container", load: async () => (await import("./pause.ts")).pauseCommand() },
  { name: "unpause", noun: "container", load: async () => (await import("./pause.ts")).unpauseCommand() },
  { name: "rename", noun: "container", load: async () => (await import("./rename.ts")).renameCommand() },
  { name: "update", noun: "container", load: async () => (await import("./update.ts")).updateCommand() },
  { name: "top", noun: "container", load: async () => (await import("./top.ts")).topCommand() },
  { name: "port", noun: "container", load: async () => (await import("./port.ts")).portCommand() },
  { name: "cp", noun: "container", load: async () => (await import("./cp.ts")).cpCommand() },
  { name: "diff", noun: "container", load: async () => (await import("./diff.ts")).diffCommand() },
  { name: "export", noun: "container", load: async () => (await import("./export.ts")).exportCommand() },
  { name: "commit", noun: "container", load: async () => (await import("./commit.ts")).commitCommand() },
  { name: "rm", noun: "container", load: async () => (await import("./rm.ts")).rmCommand() },
  { name: "build", noun: "image", load: async () => (await import("./build.ts")).buildCommand() },
  { name: "images", noun: "image", load: async () => (await import("./images.ts")).imagesCommand() },
  { name: "pull", noun: "image", load: async () => (await import("./pull.ts")).pullCommand() },
  { name: "push", noun: "image", load: async () => (await import("./push.ts")).pushCommand() },
  { name: "import", noun: "image", load: async () => (await import("./import.ts")).importCommand() },
  { name: "load", noun: "image", load: async () => (await import("./load.ts")).loadCommand() },
  { name: "save", noun: "image", load: async () => (await import("./save.ts")).saveCommand() },
  { name: "history", noun: "image", load: async () => (await import("./history.ts")).historyCommand() },
  { name: "tag", noun: "image", load: async () => (await import("./tag.ts")).tagCommand() },
  { name: "rmi", noun: "image", load: async () => (await import("./rmi.ts")).rmiCommand() },
  { name: "container", load: async () => (await import("./container.ts")).containerCommand() },
  { name: "image", load: async () => (await import("./image.ts")).imageCommand() },
  { name: "login", load: async () => (await import("./login.ts")).loginCommand() },
  { name: "logout", load: async () => (await import("./logout.ts")).logoutCommand() },
  { name: "registry", load: async () => (await import("./registry.ts")).registryCommand() },
  { name: "volume", load: async () => (await import("./volume.ts")).volumeCommand() },
  { name: "system", load: async () => (await import("./system.ts")).systemCommand() },
  { name: "generate", load: async () => (await import("./generate.ts")).generateCommand() },
  { name: "doctor", load: async () => (await import("./doctor.ts")).doctorCommand() },
  { name: "explain", load: async () => (await import("./explain.ts")).explainCommand() },
  { name: "info", load: async () => (await import("./info.ts")).infoCommand() },
  { name: "completion", load: async () => (await import("./completion.ts")).completionCommand() },
  { name: "version", load: async () => (await import("./version.ts")).versionCommand() },
  { name: "help", load: async () => (await import("./help.ts")).helpCommand() },
  { name: "__reap", isHidden: true, load: async () => (await import("./own_commands.ts")).reapCommand() },
  {
    name: "__restart",
    isHidden: true,
    load: async () => (await import("./own_commands.ts")).restartAtEndCommand(),
  },
  {
    name: "__start",
    isHidden: true,
    load: async () => (await import("./own_commands.ts")).startWaitedCommand(),
  },
  { name: "__health", isHidden: true, load: async () => (await import("./own_commands.ts")).healthCommand() },
  { name: "__empty", isHidden: true, load: async () => (await import("./own_commands.ts")).emptyCommand() },
  { name: "__sweep", isHidden: true, load: async () => (await import("./own_commands.ts")).sweepCommand() },
  { name: "__layers", isHidden: true, load: async () => (await import("./layers.ts")).layersCommand() },
  { name: "__files", isHidden: true, load: async () => (await import("./files.ts")).filesCommand() },
  { name: "__complete", isHidden: true, load: async () => (await import("./complete.ts")).completeCommand() },
];
