/** The entry point: argv in, exit code out. Nothing else ends the process. */

import { settleCache } from "./executable/settle_cache.ts";
import { runProgram } from "./cli/program.ts";

const exitCode = await runProgram(Deno.args);
await settleCache();
Deno.exit(exitCode);
