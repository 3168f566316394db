/** Tests of maybeHint(): which operation and errno bring which advice, and that each row can be reached. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ERRNO } from "../../ffi/constants/errno.ts";
import type { SyscallName } from "../../ffi/constants/syscalls.ts";
import { PLAN_CASES, type PlanCase } from "../../tests/golden/plan_cases.ts";
import { buildPlan } from "./build_plan.ts";
import { maybeHint } from "./hints.ts";

interface Row {
  readonly call: SyscallName;
  readonly errno: string;
  /** Of the operation that fails. */
  readonly label: RegExp;
  readonly hint: RegExp;
}

const ROWS: readonly Row[] = [
  { call: "clone3", errno: "ENOSPC", label: /create the namespaces/, hint: /max_user_namespaces/ },
  {
    call: "clone3",
    errno: "EPERM",
    label: /create the namespaces/,
    hint: /forbidden for ordinary users.*AppArmor/,
  },
  { call: "clone3", errno: "EACCES", label: /create the namespaces/, hint: /security module/ },
  { call: "clone3", errno: "EAGAIN", label: /create the namespaces/, hint: /ulimit -u/ },
  { call: "clone3", errno: "EAGAIN", label: /start the stdout relay/, hint: /ulimit -u/ },
  { call: "fsmount", errno: "EPERM", label: /^mount \/proc$/, hint: /Part of \/proc/ },
  { call: "fsmount", errno: "EPERM", label: /^mount \/sys$/, hint: /Part of \/sys/ },
  { call: "fsconfig", errno: "EPERM", label: /mount the overlay/, hint: /Linux 5\.11/ },
  { call: "fsconfig", errno: "EINVAL", label: /mount the overlay/, hint: /upper directory/ },
  { call: "mount_setattr", errno: "ENOSYS", label: /shift the ids of \/srv/, hint: /Linux 5\.13/ },
  { call: "mount_setattr", errno: "ENOSYS", label: /^mount \//, hint: /too old/ },
  { call: "mount_setattr", errno: "EINVAL", label: /shift the ids of \/srv/, hint: /can't shift ids/ },
  { call: "mount_setattr", errno: "EPERM", label: /shift the ids of \/srv/, hint: /--userns=host/ },
  { call: "openat2", errno: "ELOOP", label: /mount \/dev$/, hint: /symbolic link/ },
  { call: "openat2", errno: "ENOTDIR", label: /mount \/dev$/, hint: /a file there/ },
  { call: "openat2", errno: "ENOENT", label: /mount \/dev$/, hint: /read-only there/ },
  { call: "move_mount", errno: "ENOTDIR", label: /mount \/data$/, hint: /on a directory only/ },
  { call: "move_mount", errno: "ENOSPC", label: /mount \/data$/, hint: /mount-max/ },
  { call: "open_tree", errno: "ENOENT", label: /^open /, hint: /Check the path/ },
  { call: "open_tree", errno: "EACCES", label: /^open /, hint: /may not read/ },
  { call: "chdir", errno: "ENOENT", label: /working directory/, hint: /--workdir/ },
  { call: "chdir", errno: "EACCES", label: /working directory/, hint: /--user/ },
  { call: "chdir", errno: "ENOTDIR", label: /working directory/, hint: /leads to a file/ },
  { call: "setresuid", errno: "EINVAL", label: /become user/, hint: /subuid/ },
  { call: "setresgid", errno: "EINVAL", label: /become user/, hint: /subgid/ },
  { call: "pivot_root", errno: "EINVAL", label: /enter the root/, hint: /initramfs/ },
];

/** Operations of all golden plans in which a call of that name can stop the start. */
function failures(name: SyscallName): { from: PlanCase; label: string }[] {
  return PLAN_CASES.flatMap((from) =>
    buildPlan(from.spec, from.host).operations
      .filter(({ calls }) => calls.some((call) => call.name === name && call.failure !== "ignore"))
      .map(({ label }) => ({ from, label }))
  );
}

for (const { call, errno, label, hint } of ROWS) {
  Deno.test(`maybeHint() of ${call} = ${errno} in ${label.source}`, () => {
    const failed = failures(call).find((each) => label.test(each.label));
    ok(failed !== undefined);
    match(maybeHint({ call, errno, label: failed.label }, failed.from.host) ?? "", hint);
  });
}

Deno.test("maybeHint() knows nothing of other failures", () => {
  const failed = { call: "fsmount", errno: "EPERM", label: "mount /dev" } as const;
  equal(maybeHint(failed, PLAN_CASES[0]!.host), undefined);
});

Deno.test("every hint that stands in hints.ts is given for some operation of a golden plan", () => {
  const source = Deno.readTextFileSync(new URL("./hints.ts", import.meta.url));
  const written = [...source.matchAll(/\bhint:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!);
  const names = [...new Set([...source.matchAll(/\bcall: "(\w+)"/g)].map(([, name]) => name as SyscallName))];
  const given = new Set(
    names.flatMap((call) =>
      failures(call).flatMap(({ from, label }) =>
        Object.keys(ERRNO).map((errno) => maybeHint({ call, errno, label }, from.host))
      )
    ),
  );
  ok(written.length > 0);
  deepEqual(written.filter((text) => !given.has(text)), []);
});

Deno.test("hints are short sentences without a final period", () => {
  const source = Deno.readTextFileSync(new URL("./hints.ts", import.meta.url));
  const written = [...source.matchAll(/\bhint:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!);
  deepEqual(written.filter((text) => !/^[A-Z]/.test(text) || text.endsWith(".") || text.length > 120), []);
});
