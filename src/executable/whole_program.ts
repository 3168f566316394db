/**
 * The way from a small program of dist/myctr to the whole one. What a small program lacks stands here in its place: the
 * module that is asked for starts the same command line once more, before anything has been done.
 */

import { errnoText } from "../../ffi/constants/errno.ts";
import { execute } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { callerEnv, WHOLE_OPTION } from "./caller_env.ts";

/** Starts the whole program in place of this one: no program has the option among its words, so the last is taken. @throws {CtrError} where the kernel does not */
export function startWholeProgram(): never {
  const env = Object.entries(callerEnv()).map(([name, value]) => `${name}=${value}`);
  const { errno } = execute("/proc/self/exe", ["myctr", WHOLE_OPTION, ...Deno.args], env);
  throw new CtrError("syscall", `Cannot start myctr once more: ${errnoText(errno)}`, {
    hint: `Write "myctr ${WHOLE_OPTION} ${Deno.args[0]} ..."`,
  });
}
