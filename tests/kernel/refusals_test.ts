/** What a caller without the right to it asks for is refused with the reason, and leaves nothing behind. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

const ROWS = [
  {
    args: ["--oom-score-adj", "-1000"],
    says: /^myctr: Cannot set --oom-score-adj -1000: .*CAP_SYS_RESOURCE/,
  },
  { args: ["--ulimit", "nofile=99999999"], says: /^myctr: Cannot raise limit nofile .*CAP_SYS_RESOURCE/ },
  { args: ["--sysctl", "net.nosuch=1"], says: /Cannot set net\.nosuch[^]*ENOENT\n {2}hint/ },
  {
    args: ["--sysctl", "net.ipv4.ip_forward=abc"],
    says: /Cannot set net\.ipv4\.ip_forward[^]*EINVAL\n {2}hint/,
  },
  { args: ["--group-add", "nosuch"], says: /^myctr: Cannot find group "nosuch"/ },
  { args: ["--group-add", "70000"], says: /^myctr: Cannot become group 70000: only 6553[67] ids are mapped/ },
  {
    args: ["--device", "/dev/nosuch"],
    says: /^myctr: Cannot give the device "\/dev\/nosuch": it is not there/,
  },
  {
    args: ["--device", "/etc/passwd"],
    says: /^myctr: Cannot give the device "\/etc\/passwd": it is no device/,
  },
  { args: ["--security-opt", "mask=/nosuch"], says: /^myctr: Cannot hide "\/nosuch"/ },
  {
    args: ["--security-opt", "apparmor=nosuch"],
    says: /^myctr: Cannot (use|put the command under) AppArmor/,
  },
] as const;

for (const { user, needs } of USERS) {
  for (const { args, says } of ROWS) {
    // Root may have the capability: then there is nothing to refuse.
    const isRight = args[0] === "--oom-score-adj" || args[0] === "--ulimit";
    if (isRight && user === "root") continue;
    Deno.test({
      ...requires(`refusals: ${args.join(" ")}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const { code, stdout, stderr } = await box.inside(...args, "true");
        match(stderr, says);
        equal(stdout, "");
        equal(code, 125);
      },
    });
  }
}
