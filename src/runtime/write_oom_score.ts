/** Writes how soon the kernel kills a container's process when memory runs out. @see proc_pid_oom_score_adj(5) */

import { CtrError } from "../errors.ts";

/** Writes the score of a process. @throws {CtrError} code "unsupported" where the caller may not lower it so far */
export function writeOomScore(pid: number, score: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/oom_score_adj`, String(score));
  } catch (error) {
    throw new CtrError(
      "unsupported",
      `Cannot set --oom-score-adj ${score}: to lower the score needs CAP_SYS_RESOURCE`,
      {
        hint: "Choose a number that is not below your own, which /proc/self/oom_score_adj tells",
        cause: error,
      },
    );
  }
}
