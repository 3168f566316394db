/** systemd as init. */

import { registerChecks } from "../checks.ts";

registerChecks({ kernel: "6.12", init: "systemd" }, [
  {
    name: "a scope of its own is delegated",
    mode: "systemd",
    script: "systemd-run --quiet --user --scope -p Delegate=yes myctr run --rm --rootfs rootfs id -u",
    stdout: /^0\n$/,
  },
  {
    name: "doctor sees the delegation of such a scope",
    mode: "systemd",
    script: "systemd-run --quiet --user --scope -p Delegate=yes myctr doctor | grep 'cgroup delegation'",
    stdout: /^ok +cgroup delegation +\S*\/app\.slice\/run-\S+\.scope: cpu, memory, pids /,
  },
]);
