/** The entry point for command lines that begin with start: as main.ts, without the other commands. */

import { runReported, STREAMS } from "./cli/session.ts";
import { startCommand } from "./cli/start.ts";

Deno.exit(await runReported(STREAMS, (session) => startCommand().run(Deno.args.slice(1), session)));
