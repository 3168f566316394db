/** Many containers, several clients at once: no update is lost, no status is wrong, nobody waits for ever. */

import { deepEqual, equal } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "./box.ts";

const CONTAINERS = 100;
const CLIENTS = 8;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `parallel: ${CONTAINERS} containers from start to removal by ${CLIENTS} clients, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const wrong: string[] = [];
      const numbers = Array.from({ length: CONTAINERS }, (_, index) => index).values();
      const client = async () => {
        for (const number of numbers) wrong.push(...await live(box, `c${number}`));
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));
      deepEqual(wrong, []);
      equal((await box.run("list", "-a", "-q")).stdout, "");
    },
  });
}

/** One container's life; gives what of it is not as it should be. */
async function live(box: Box, name: string): Promise<string[]> {
  const wrong: string[] = [];
  const step = async (expected: string | RegExp, ...words: readonly string[]): Promise<Ran> => {
    const ran = await box.run(...words);
    const isRight = typeof expected === "string" ? ran.stdout === expected : expected.test(ran.stdout);
    if (ran.code !== 0 || ran.stderr !== "" || !isRight) {
      wrong.push(`${words.join(" ")}: ${ran.code} ${ran.stdout}${ran.stderr}`);
    }
    return ran;
  };
  const script = `echo out of ${name}; echo err of ${name} >&2; exec sleep 1000`;
  const run = ["run", "-d", "--init", "--name", name, "--label", `of=${name}`, "--rootfs", box.rootfs];
  const { stdout: id } = await step(/^[0-9a-f]{64}\n$/, ...run, "sh", "-c", script);
  await step(
    new RegExp(`^${id.slice(0, 12)} ${name}\n$`),
    "list",
    "-f",
    `name=^${name}$`,
    "--format",
    "{{.ID}} {{.Names}}",
  );
  await step(`inside ${name}\n`, "exec", name, "echo", `inside ${name}`);
  await step("", "rename", name, `${name}-new`);
  await step(/^c\d+-new\n$/, "stop", "-t", "5", `${name}-new`);
  await step(
    "exited 143 false\n",
    "inspect",
    "-f",
    "{{.State.Status}} {{.State.ExitCode}} {{.State.Running}}",
    id.trim(),
  );
  await step(`${name}\n`, "inspect", "-f", '{{index .Config.Labels "of"}}', `${name}-new`);
  const { stdout, stderr } = await box.run("logs", `${name}-new`);
  if (stdout !== `out of ${name}\n` || stderr !== `err of ${name}\n`) wrong.push(`logs: ${stdout}${stderr}`);
  await step(`${name}-new\n`, "rm", `${name}-new`);
  return wrong;
}
