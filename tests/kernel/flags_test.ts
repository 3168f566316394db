/** Each flag of `myctr run` has its effect, for root and for an ordinary user, and where podman has it, podman's. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, type BoxUser, openBox, type Ran, USERS } from "./box.ts";
import { NETWORK_ROWS } from "./flag_rows_network.ts";
import { CALLER_ENV, FLAG_ROWS, type FlagRow, WORK_FILES } from "./flag_rows.ts";

/**
 * Podman as it is run: runc, since crun refuses machines with both versions of cgroups; and limits that a root without
 * CAP_SYS_RESOURCE can set.
 */
const PODMAN = [
  "podman",
  "run",
  "--runtime=runc",
  "--ulimit=nofile=1024:1024",
  "--ulimit=nproc=1000:1000",
] as const;

Deno.test("flags: each flag that run --help lists has a row", async () => {
  await using box = await openBox();
  const { stdout } = await box.run("run", "--help");
  const listed = stdout.split("\n").flatMap((line) =>
    /^ {2,6}(?:-\w, )?(?:--[\w-]+, )?(--[a-z-]+)(?:\[=[a-z]+\])?(?: <| {2})/.exec(line)?.slice(1) ?? []
  );
  // Those of NETWORK_ROWS are tested in network_test.ts, in a network of its own.
  const tested = new Set([...FLAG_ROWS, ...NETWORK_ROWS].map(({ flag }) => flag));
  deepEqual([...tested].sort(), [...new Set(listed)].sort());
});

for (const { user, needs } of USERS) {
  for (const row of FLAG_ROWS.filter((each) => (each.user ?? user) === user)) {
    Deno.test({
      ...requires(`flags: ${nameOf(row)}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await writeWork(box);
        const ran = await runRow(box, row, box.command("run"));
        check(row, ran, user);
        await row.after?.(box, ran);
      },
    });
  }
}

for (const row of FLAG_ROWS.filter(({ isReference }) => isReference)) {
  Deno.test({
    ...requires(`flags: ${nameOf(row)}: podman does the same`, "root", "busybox", "podman", "runc"),
    async fn() {
      await using box = await openBox();
      await writeWork(box);
      const network = row.flag === "--network" ? [] : ["--network=none"];
      check(row, await runRow(box, row, [...PODMAN, ...network]), "root");
    },
  });
}

function nameOf({ flag, args, root, stdin }: FlagRow): string {
  const typed = [...args, ...(root === undefined ? [] : [root])].join(" ");
  return `${typed.includes(flag) ? "" : `${flag}: `}${typed}${stdin === undefined ? "" : " with input"}`;
}

async function writeWork(box: Box): Promise<void> {
  for (const [name, text] of Object.entries(WORK_FILES)) await box.write(name, text);
}

async function runRow(box: Box, row: FlagRow, program: readonly string[]): Promise<Ran> {
  const command = typeof row.command === "string" ? ["sh", "-c", row.command] : row.command;
  const words = [...row.args, "--rootfs", row.root ?? "ROOT"]
    .map((word) => word.replace("WORK", box.work).replace("ROOT", box.rootfs));
  const { stdin } = row;
  const kept = row.isKept ? [] : ["--rm"];
  return await box.exec([...program, ...kept, ...words, ...command], {
    env: CALLER_ENV,
    ...(stdin === undefined ? {} : { stdin }),
  });
}

function check({ stdout }: FlagRow, ran: Ran, user: BoxUser): void {
  if (stdout instanceof RegExp) match(ran.stdout, stdout, ran.stderr);
  else {
    const expected = typeof stdout === "string" ? stdout : stdout(user);
    equal(
      ran.stdout,
      expected,
      `${JSON.stringify(ran.stdout)} is not ${JSON.stringify(expected)}; ${ran.stderr}`,
    );
  }
}
