/** A program for executable_test.ts: tells what reached it or where it lies, ends with a code, or starts itself again. */

import { callerEnv, selfCommand } from "./caller_env.ts";
import { settleCache } from "./settle_cache.ts";

const [verb, ...rest] = Deno.args;

/** What a run of the sample prints. */
export interface SampleFacts {
  readonly args: readonly string[];
  readonly caller: Readonly<Record<string, string>>;
  readonly deno: Readonly<Record<string, string>>;
  readonly module: string;
  readonly comm: string;
}

function facts(): SampleFacts {
  return {
    args: Deno.args,
    caller: callerEnv(),
    deno: Deno.env.toObject(),
    module: import.meta.url,
    comm: Deno.readTextFileSync("/proc/self/comm").trim(),
  };
}

function runAgain(): number {
  const [program = "", ...args] = selfCommand();
  const env = { ...callerEnv() };
  const command = new Deno.Command(program, {
    args: [...args, ...rest],
    env,
    clearEnv: true,
    stdout: "inherit",
  });
  return command.outputSync().code;
}

if (verb === "exit") Deno.exit(Number(rest[0]));
else if (verb === "settle") await settleCache();
else if (verb === "maps") Deno.stdout.writeSync(Deno.readFileSync("/proc/self/maps"));
else if (verb === "again") Deno.exitCode = runAgain();
else Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(facts())));
