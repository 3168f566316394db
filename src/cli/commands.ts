/** The list of commands. Each module is loaded when its command is called, or help is asked for. */

import type { Runnable } from "./command.ts";

/** A command, not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Whether it is myctr's own, and not for people. */
  readonly isHidden?: true;
  readonly load: () => Promise<Runnable>;
}

/** In the order in which help shows them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "run", load: async () => (await import("./run.ts")).runCommand() },
  { name: "create", load: async () => (await import("./run.ts")).createCommand() },
  { name: "start", load: async () => (await import("./start.ts")).startCommand() },
  { name: "exec", load: async () => (await import("./exec.ts")).execCommand() },
  { name: "wait", load: async () => (await import("./wait.ts")).waitCommand() },
  { name: "logs", load: async () => (await import("./logs.ts")).logsCommand() },
  { name: "events", load: async () => (await import("./events.ts")).eventsCommand() },
  { name: "list", aliases: ["ls", "ps"], load: async () => (await import("./list.ts")).listCommand() },
  { name: "inspect", load: async () => (await import("./inspect.ts")).inspectCommand() },
  { name: "stop", load: async () => (await import("./stop.ts")).stopCommand() },
  { name: "kill", load: async () => (await import("./stop.ts")).killCommand() },
  { name: "rm", load: async () => (await import("./rm.ts")).rmCommand() },
  { name: "doctor", load: async () => (await import("./doctor.ts")).doctorCommand() },
  { name: "explain", load: async () => (await import("./explain.ts")).explainCommand() },
  { name: "info", load: async () => (await import("./info.ts")).infoCommand() },
  { name: "completion", load: async () => (await import("./completion.ts")).completionCommand() },
  { name: "version", load: async () => (await import("./version.ts")).versionCommand() },
  { name: "help", load: async () => (await import("./help.ts")).helpCommand() },
  { name: "__reap", isHidden: true, load: async () => (await import("./reap.ts")).reapCommand() },
  { name: "__empty", isHidden: true, load: async () => (await import("./reap.ts")).emptyCommand() },
  { name: "__sweep", isHidden: true, load: async () => (await import("./reap.ts")).sweepCommand() },
  { name: "__complete", isHidden: true, load: async () => (await import("./complete.ts")).completeCommand() },
];
