/** The last steps: streams, working directory, and the command itself. Pure. */

import { shellLine, shellWord } from "./shell_word.ts";
import { AT_FDCWD, CLOSE_RANGE, O } from "../../ffi/constants/open.ts";
import { SIG, SIG_DFL } from "../../ffi/constants/process.ts";
import { addCommandProcess, addInit } from "./init_steps.ts";
import { pipedStreams } from "./relay_steps.ts";
import { LAST_FD } from "./descriptors.ts";
import { call, slot } from "./operation.ts";
import { addLimits } from "./setting_steps.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { addControl, addTerminalStreams } from "./terminal_steps.ts";

const FIRST_AFTER_STREAMS = 3;

/** Where the command is looked for: itself when it has a slash, else in each directory of PATH. */
export function commandCandidates(args: readonly string[], env: readonly string[]): readonly string[] {
  const [command = ""] = args;
  if (command.includes("/")) return [command];
  const path = env.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  return path.split(":").map((directory) =>
    `${directory === "" ? "." : directory.replace(/\/+$/, "")}/${command}`
  );
}

/** From the chosen user to the command in its place. `hasNull`: the slot `null` is /dev/null already. */
export function addCommand(builder: PlanBuilder, { hasNull = false } = {}): void {
  const { args, env, cwd, user } = builder.spec.process;
  addStreams(builder, hasNull);
  const hasInit = builder.annotation("init") === "true";
  if (!hasInit) addControl(builder);
  builder.add({
    label: `change to the working directory ${cwd}`,
    shell: `cd ${shellWord(cwd)}`,
    reason: "The command starts there, as the user who runs it.",
    man: "chdir(2)",
  }, [call("chdir", [cwd])]);
  if (hasInit) addCommandProcess(builder);
  if (hasInit) addControl(builder);
  addLimits(builder);
  const umask = user?.umask ?? 0o022;
  const standard = {
    struct: "sigaction",
    fields: { handler: BigInt(SIG_DFL), flags: 0n, restorer: 0n, mask: 0n },
  };
  builder.add({
    label: "put the settings back",
    shell: `umask ${umask.toString(8).padStart(3, "0")}; trap - PIPE`,
    reason: "The command starts with what every program expects.",
    man: "umask(2)",
  }, [
    call("umask", [umask]),
    call("rt_sigaction", [SIG.SIGPIPE, standard, null, 8]),
    call("close_range", [FIRST_AFTER_STREAMS, LAST_FD, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC]),
  ]);
  const candidates = commandCandidates(args, env);
  const isHomeSet = builder.annotation("homeIsSet") === "true";
  builder.add(
    {
      label: `run ${args[0]}`,
      shell: `exec ${shellLine(args)}`,
      reason: "The program takes the place of the one that prepared everything, and the container runs.",
      man: "execve(2)",
    },
    candidates.map((path) =>
      call("execve", [path, { texts: args }, { texts: env, home: !isHomeSet }], { failure: "attempt" })
    ),
  );
  if (hasInit) addInit(builder);
}

function addStreams(builder: PlanBuilder, hasNull: boolean): void {
  if (builder.hasTerminal) return addTerminalStreams(builder);
  const piped = new Set<string>(pipedStreams(builder));
  const [input, output] = [piped.has("stdin"), piped.has("stdout")];
  builder.add({
    label: "connect the streams",
    shell: `exec <${input ? "stdin" : "/dev/null"} ${output ? ">stdout 2>stderr" : "&>/dev/null"}`,
    reason: "Input, output and errors of the command go through the pipes made before.",
    man: "dup(2)",
  }, [
    ...(hasNull || input && output
      ? []
      : [call("openat", [AT_FDCWD, "/dev/null", O.O_RDWR | O.O_CLOEXEC, 0], { result: "null" })]),
    call("dup3", [slot(input ? "stdin.read" : "null"), 0, 0]),
    call("dup3", [slot(output ? "stdout.write" : "null"), 1, 0]),
    call("dup3", [slot(output ? "stderr.write" : "null"), 2, 0]),
  ]);
}
