/** The filter of system calls: the default one, one in a file, none; seen by what calls give. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

/** Allows everything but mkdir, in docker's form: the errno is one that nothing else gives here. */
const PROFILE = JSON.stringify({
  defaultAction: "SCMP_ACT_ALLOW",
  archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] }],
  syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }],
});

const MODE = "grep Seccomp: /proc/self/status | cut -f2";
const UNSHARE = "unshare -U true 2>/dev/null; echo $?";
const MOUNT = "mount -t tmpfs none /mnt 2>/dev/null; echo $?";

const ROWS: readonly {
  readonly what: string;
  readonly args: readonly string[];
  readonly script: string;
  readonly stdout: string;
}[] = [
  { what: "the default filters", args: [], script: MODE, stdout: "2\n" },
  { what: "the default refuses new namespaces", args: [], script: UNSHARE, stdout: "1\n" },
  {
    what: "an init is filtered too",
    args: ["--init"],
    script: "grep Seccomp: /proc/1/status",
    stdout: "Seccomp:\t2\n",
  },
  {
    what: "unconfined filters nothing",
    args: ["--security-opt", "seccomp=unconfined"],
    script: MODE,
    stdout: "0\n",
  },
  {
    what: "unconfined allows new namespaces",
    args: ["--security-opt", "seccomp=unconfined"],
    script: UNSHARE,
    stdout: "0\n",
  },
  { what: "privileged filters nothing", args: ["--privileged"], script: MODE, stdout: "0\n" },
  { what: "a capability opens its calls", args: ["--cap-add", "SYS_ADMIN"], script: MOUNT, stdout: "0\n" },
  { what: "without the capability they stay closed", args: [], script: MOUNT, stdout: "1\n" },
  {
    what: "a filter beside no_new_privs",
    args: ["--security-opt", "no-new-privileges"],
    script: MODE,
    stdout: "2\n",
  },
];

for (const { user, needs } of USERS) {
  for (const { what, args, script, stdout } of ROWS) {
    Deno.test({
      ...requires(`seccomp: ${what}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        Deno.mkdirSync(`${box.rootfs}/mnt`, { recursive: true });
        const ran = await box.run("run", "--rm", ...args, "--rootfs", box.rootfs, "sh", "-c", script);
        equal(ran.stdout, stdout, ran.stderr);
      },
    });
  }

  Deno.test({
    ...requires(`seccomp: a profile in a file decides, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const path = `${box.work}/profile.json`;
      Deno.writeTextFileSync(path, PROFILE);
      const script = "mkdir /dev/shm/x 2>&1; touch /dev/shm/y && echo made";
      const ran = await box.run(
        ...["run", "--rm", "--security-opt", `seccomp=${path}`, "--rootfs", box.rootfs, "sh", "-c", script],
      );
      match(ran.stdout, /No space left on device\nmade\n$/, ran.stderr);
    },
  });

  for (
    const [text, message] of [["{", /Cannot read seccomp profile/], [
      "{}",
      /Cannot use seccomp profile/,
    ]] as const
  ) {
    Deno.test({
      ...requires(`seccomp: the profile ${text} is refused, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const path = `${box.work}/profile.json`;
        Deno.writeTextFileSync(path, text);
        const ran = await box.run(
          "run",
          "--rm",
          "--security-opt",
          `seccomp=${path}`,
          "--rootfs",
          box.rootfs,
          "true",
        );
        equal(ran.code, 125);
        match(ran.stderr, message);
        equal(box.containers().length, 0);
      },
    });
  }
}
