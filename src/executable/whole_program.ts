/**
 * The way from a small program of dist/myctr to the whole one. What a small program lacks stands here in its place: the
 * module that is asked for starts the same command line once more, before anything has been done.
 */

import { errnoText } from "../../ffi/constants/errno.ts";
import { execute } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { callerEnv } from "./caller_env.ts";

/** No program has it among its words: the last one, which has everything, is taken. */
export const WHOLE_OPTION = "--whole";

/** Starts the whole program in place of this one. @throws {CtrError} where the kernel does not */
export function startWholeProgram(): never {
  const env = Object.entries(callerEnv()).map(([name, value]) => `${name}=${value}`);
  const { errno } = execute("/proc/self/exe", ["myctr", WHOLE_OPTION, ...Deno.args], env);
  throw new CtrError("syscall", `Cannot start myctr once more: ${errnoText(errno)}`, {
    hint: `Write "myctr ${WHOLE_OPTION} ${Deno.args[0]} ..."`,
  });
}
