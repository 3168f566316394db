/** The entry point: argv in, exit code out. Nothing else ends the process. */

import { runProgram } from "./cli/program.ts";

Deno.exit(await runProgram(Deno.args));
