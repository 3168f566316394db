/** The entry point for command lines that begin with exec: as main.ts, without the other commands. */

import { execCommand } from "./cli/exec.ts";
import { runReported, STREAMS } from "./cli/session.ts";

Deno.exit(await runReported(STREAMS, (session) => execCommand().run(Deno.args.slice(1), session)));
