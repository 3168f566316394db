/** Makes a file of an encoded plan, and starts it. */

import type { Fd } from "../../ffi/fd.ts";
import { outcomeFd } from "../../ffi/fd.ts";
import { F } from "../../ffi/constants/open.ts";
import { openExecutable } from "../../ffi/memfd.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { buildImage } from "../../ffi/program/elf.ts";
import { spawn, type SpawnOptions } from "../../ffi/spawn.ts";
import { syscall } from "../../ffi/syscall.ts";
import type { EncodedPlan } from "./encode_plan.ts";
import { tellLaunch } from "./observe_launch.ts";

/** How a program is started. */
export interface ProgramStart extends Pick<SpawnOptions, "descriptors"> {
  /** How ps(1) shows its processes. */
  readonly title: string;
  /** Where it is kept if a file in memory may not be executed. */
  readonly directory: string;
}

/** Descriptors of ours are moved above those that the program is given by number. */
const OUT_OF_THE_WAY = 64;

/** Starts it; gives the pid of its first process, a child of ours. */
export function startProgram(
  encoded: EncodedPlan,
  { title, directory, descriptors }: ProgramStart,
): Outcome<number> {
  tellLaunch(encoded);
  const opened = openExecutable(buildImage(encoded.program), { name: "myctr", directory });
  if (!opened.ok) return opened;
  using first = opened.value;
  const moved = moveUp(first);
  if (!moved.ok) return moved;
  using file = moved.value;
  first[Symbol.dispose]();
  return spawn({ path: `/proc/self/fd/${file.number}`, argv: [title], env: [], descriptors });
}

function moveUp(fd: Fd): Outcome<Fd> {
  return outcomeFd(syscall("fcntl", fd.number, F.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY));
}
