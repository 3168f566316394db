/** The entry point for command lines whose first word is `run`: the same as main.ts, without the other commands. */

import { runCommand } from "./cli/run.ts";
import { runReported, STREAMS } from "./cli/session.ts";

Deno.exit(await runReported(STREAMS, (session) => runCommand().run(Deno.args.slice(1), session)));
