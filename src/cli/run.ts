/** `myctr run`: runs a command in a new container. */

import { CtrError } from "../errors.ts";
import type { RunRequest } from "../spec/request.ts";
import { seeHelp } from "./argv.ts";
import { type Runnable, runnable } from "./command.ts";
import { RUN } from "./run_options.ts";
import { toRunRequest } from "./run_request.ts";
import type { Session } from "./session.ts";

/** Does what a request asks and returns the exit code. */
export type StartContainer = (request: RunRequest, session: Session) => Promise<number>;

/** Makes the command; `start` is another one in tests. */
export function runCommand(start: StartContainer = startContainer): Runnable {
  const command = runnable(RUN, (call, session) => {
    const request = toRunRequest(call);
    if (request.image === undefined && request.rootfs === undefined) {
      throw new CtrError("usage", "Cannot run a container: there is no image", { hint: seeHelp(RUN) });
    }
    if (request.replace && request.name === undefined) {
      throw new CtrError("usage", "Cannot replace a container: it is not named", {
        hint: "Write --name NAME too",
      });
    }
    return start(request, session);
  });
  return {
    ...command,
    run: (argv, session) => command.run(argv, session).catch((error) => fail(argv, error)),
  };
}

/** Tells a status file, where one was asked for, before people are told: of flags that can not be read too. */
async function fail(argv: readonly string[], error: unknown): Promise<never> {
  if (argv.some((word) => word.startsWith("--status-file"))) {
    const { tellFailure } = await import("./status_file.ts");
    tellFailure(argv, error);
  }
  throw error;
}

async function startContainer(request: RunRequest, session: Session): Promise<number> {
  if (request.dryRun) {
    const { dryRun } = await import("../runtime/dry_run.ts");
    session.print(await dryRun(request));
    return 0;
  }
  const act = async () => {
    const { run } = await import("../runtime/run.ts");
    return await run(request);
  };
  if (request.statusFile === undefined) return (await act()).exitCode;
  const { withStatusFile } = await import("./status_file.ts");
  return await withStatusFile(request.statusFile, act);
}
