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
    name: "a unit of its own starts and stops a container, and starts it again",
    mode: "systemd",
    script: `
      set -e
      units=$HOME/.config/systemd/user
      mkdir -p $units
      until_logged() { until [ "$(myctr logs $1 | grep -c "^$2$")" -ge $3 ]; do sleep 0.1; done; }
      myctr create --name waits --rootfs rootfs sh -c 'trap "exit 0" TERM; echo up; while :; do sleep 0.1; done' >/dev/null
      myctr create --name fails --rootfs rootfs:O sh -c 'echo again; exit 3' >/dev/null
      cd $units
      myctr generate systemd --files waits >/dev/null
      myctr generate systemd --restart-sec 0 fails >fails.service
      systemctl --user daemon-reload
      systemctl --user start container-waits
      until_logged waits up 1
      myctr inspect --format '{{.State.Status}}' waits
      systemctl --user stop container-waits
      systemctl --user show --value -p Result -p ActiveState container-waits
      myctr inspect --format '{{.State.Status}} {{.State.ExitCode}}' waits
      systemctl --user start fails
      until_logged fails again 2
      systemctl --user stop fails
      myctr rm waits fails
    `,
    stdout: /^running\n(success\ninactive|inactive\nsuccess)\nexited 0\nwaits\nfails\n$/,
  },
  {
    name: "doctor sees the delegation of such a scope",
    mode: "systemd",
    script: "systemd-run --quiet --user --scope -p Delegate=yes myctr doctor | grep 'cgroup delegation'",
    stdout: /^ok +cgroup delegation +\S*\/app\.slice\/run-\S+\.scope: cpu, memory, pids /,
  },
]);
