/** `myctr run` and `myctr create`: a new container, and a command in it. */

import { CtrError } from "../errors.ts";
import { checkAttach } from "../spec/parse_attach.ts";
import type { RunRequest } from "../spec/request.ts";
import { seeHelp } from "./argv.ts";
import { type Runnable, runnable } from "./command.ts";
import type { Call, Declaration } from "./declaration.ts";
import { CREATE, RUN } from "./run_options.ts";
import { defaultNetwork } from "./default_network.ts";
import { toRunRequest } from "./run_request.ts";
import type { Session } from "./session.ts";

/** Does what a request asks and returns the exit code. */
export type StartContainer = (request: RunRequest, session: Session) => Promise<number>;

/** Makes a container and returns its id. */
export type CreateContainer = (request: RunRequest) => Promise<string>;

/** Makes the command; `start` is another one in tests. */
export function runCommand(start: StartContainer = startContainer): Runnable {
  const command = runnable(RUN, (call, session) => {
    const request = toRunRequest(call, { network: defaultNetwork() });
    refuseIncomplete(request, { verb: "run", declaration: RUN });
    checkAttach(request);
    if (request.detach && request.statusFile !== undefined) {
      throw new CtrError("usage", "Cannot use --status-file with --detach: nobody stays to write the end", {
        hint: 'Ask "myctr wait", or leave out one of the two',
      });
    }
    return start(request, session);
  });
  return {
    ...command,
    run: (argv, session) => command.run(argv, session).catch((error) => fail(argv, error)),
  };
}

/** Makes `myctr create`; `create` is another one in tests. */
export function createCommand(create: CreateContainer = createContainer): Runnable {
  return runnable(CREATE, async (call, session) => {
    const request = toRunRequest(call as unknown as Call<typeof RUN>, { network: defaultNetwork() });
    refuseIncomplete(request, { verb: "create", declaration: CREATE });
    session.print(`${await create(request)}\n`);
    return 0;
  });
}

async function createContainer(request: RunRequest): Promise<string> {
  const { create } = await import("../runtime/run.ts");
  return await create(request);
}

function refuseIncomplete(
  request: RunRequest,
  { verb, declaration }: { readonly verb: string; readonly declaration: Declaration },
): void {
  if (request.image === undefined && request.rootfs === undefined) {
    throw new CtrError("usage", `Cannot ${verb} a container: there is no image`, {
      hint: seeHelp(declaration),
    });
  }
  if (request.remove && (request.restart?.name ?? "no") !== "no") {
    throw new CtrError(
      "usage",
      "Cannot use --restart with --rm: it is removed at its end, or started again",
      {
        hint: "Leave out one of the two",
      },
    );
  }
  if (request.replace && request.name === undefined) {
    throw new CtrError("usage", "Cannot replace a container: it is not named", {
      hint: "Write --name NAME too",
    });
  }
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
  if (request.detach) {
    const { runDetached } = await import("../runtime/run.ts");
    session.print(`${await runDetached(request)}\n`);
    return 0;
  }
  const act = async () => {
    const { run } = await import("../runtime/run.ts");
    // Docker's: nothing else comes out here.
    const { attach = [] } = request;
    const isSilent = attach.length > 0 && attach.every((stream) => stream === "stdin");
    return await run(request, isSilent ? (id) => session.print(`${id}\n`) : undefined);
  };
  if (request.statusFile === undefined) return (await act()).exitCode;
  const { withStatusFile } = await import("./status_file.ts");
  return await withStatusFile(request.statusFile, act);
}
