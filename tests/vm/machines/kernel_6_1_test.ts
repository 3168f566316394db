/** Linux 6.1: users with and without delegation and ids, user namespaces forbidden, what only real root can do. */

import { registerChecks } from "../checks.ts";

const RUN = "myctr run --rm --rootfs rootfs";

registerChecks({ kernel: "6.1" }, [
  {
    name: "a command's exit code comes through",
    mode: "user",
    script: `${RUN} sh -c 'exit 42'`,
    code: 42,
  },
  {
    name: "there is no user but root",
    mode: "bare",
    script: `${RUN} --user 1000 true`,
    code: 125,
    stderr: /\nmyctr: Cannot become user 1000: only your own id is mapped/,
  },
  {
    name: "the hard limit on open files can be raised, up to the kernel's own",
    mode: "root",
    script: `ulimit -Hn 4096; ${RUN} --ulimit nofile=900000:1000000 sh -c 'ulimit -Sn; ulimit -Hn'`,
    stdout: /^900000\n1000000\n$/,
  },
  {
    name: "the hard limit on open files stays what it is",
    mode: "user",
    script: `ulimit -Hn 4096; ${RUN} --ulimit nofile=5000:5000 true`,
    code: 125,
    stderr: /^myctr: Cannot raise limit nofile .*CAP_SYS_RESOURCE/,
  },
  {
    name: "a lower oom_score_adj is set",
    mode: "root",
    script: `${RUN} --oom-score-adj -500 cat /proc/self/oom_score_adj`,
    stdout: /^-500\n$/,
  },
  {
    name: "a higher oom_score_adj is set",
    mode: "user",
    script: `${RUN} --oom-score-adj 500 cat /proc/self/oom_score_adj`,
    stdout: /^500\n$/,
  },
  {
    name: "a lower oom_score_adj is refused",
    mode: "user",
    script: `${RUN} --oom-score-adj -500 cat /proc/self/oom_score_adj`,
    code: 125,
    stderr: /^myctr: Cannot set --oom-score-adj .*CAP_SYS_RESOURCE/,
  },
  {
    name: "a container protected from the out-of-memory killer stays so",
    mode: "root",
    script: `echo -500 >/proc/self/oom_score_adj; ${RUN} cat /proc/self/oom_score_adj`,
    stdout: /^-500\n$/,
  },
]);
