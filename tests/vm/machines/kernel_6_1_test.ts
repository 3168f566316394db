/** Linux 6.1: users with and without delegation and ids, user namespaces forbidden, what only real root can do. */

import { registerChecks } from "../checks.ts";

const RUN = "myctr run --rm --rootfs rootfs";

/** The life of 20 containers in the background; `own` is the cgroup where theirs are made. */
const TWENTY = `
set -e
groups() { n=0; for each in "$own"/myctr/*/; do [ ! -d "$each" ] || n=$((n + 1)); done; echo $n; }
names=$(seq -f c%g 20)
for name in $names; do
  myctr run -d --name $name --init --rootfs rootfs sh -c "echo out of $name; sleep 1000" >/dev/null
done
echo running: $(myctr ps -q | wc -l), groups: $(groups)
myctr logs c7
myctr exec c9 sh -c 'echo inside'
myctr stop -t 5 $names >/dev/null
echo running: $(myctr ps -q | wc -l), all: $(myctr ps -aq | wc -l), groups: $(groups)
myctr rm $names >/dev/null
echo all: $(myctr ps -aq | wc -l)
`;
const ownGroup = "own=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)";
const twenty = (groups: number) =>
  new RegExp(`^running: 20, groups: ${groups}\nout of c7\ninside\nrunning: 0, all: 20, groups: 0\nall: 0\n$`);

registerChecks({ kernel: "6.1" }, [
  {
    name: "20 containers in the background, each with a cgroup of its own",
    mode: "user",
    script: `${ownGroup}${TWENTY}`,
    stdout: twenty(20),
  },
  {
    name: "20 containers in the background, without a cgroup of their own",
    mode: "session",
    script: `${ownGroup}${TWENTY}`,
    stdout: twenty(0),
  },
  {
    // Nobody may look into the monitor there: it gives away what it reads from by itself.
    name: "attach types to a container",
    mode: "yama",
    script: `
myctr run -di --name a --rootfs rootfs sh -c 'read line; echo "got $line"; exit 7' >/dev/null
(echo typed; sleep 2) | myctr attach a; echo code $?
myctr rm a >/dev/null`,
    stdout: /^got typed\ncode 7\n$/,
  },
  {
    name: "root pauses all of a container by its cgroup",
    mode: "root",
    script:
      `myctr run -d --name web --rootfs rootfs sleep 1000 >/dev/null && myctr pause web && myctr ps | grep -c Paused
      myctr stop -t 1 web; myctr rm web; ls /sys/fs/cgroup/myctr | grep -Ec '^[0-9a-f]{64}$'`,
    code: 1,
    stdout: /^web\n1\nweb\nweb\n0\n$/,
    stderr: /./,
  },
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
