/** Runs checks in the modes of one machine, which boots once. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { EXPECTATIONS, type Outcome } from "./expectations.ts";
import { Machine, type MachineOptions, type ScriptResult } from "./machine.ts";
import { inMode, MODE_NAMES, type ModeName, modeOf } from "./modes.ts";

/** A script in a mode of the machine, and what is to come of it. */
export interface Check extends Outcome {
  readonly name: string;
  readonly mode: ModeName;
  readonly script: string;
}

/** Registers the checks of a machine: what each of its modes is expected to do, and more. */
export function registerChecks(options: MachineOptions, checks: readonly Check[] = []): void {
  const { kernel, init = "plain" } = options;
  const isHere = (name: ModeName) =>
    modeOf(name).kernel === kernel && (modeOf(name).init ?? "plain") === init;
  const machine = new LateMachine(options);
  Deno.test.afterAll(() => machine.discard());
  const register = (name: string, test: () => Promise<void>) => {
    const needed = requires(`vm ${kernel} ${init}: ${name}`, "vm");
    Deno.test({ ...needed, fn: test, sanitizeOps: false, sanitizeResources: false });
  };
  for (const mode of MODE_NAMES.filter(isHere)) {
    const { run, overlay } = EXPECTATIONS[mode];
    const ran = (rootfs: string) => `myctr run --rm --rootfs ${rootfs} id -u`;
    register(`${mode}: run`, async () => judge(await machine.run(mode, ran("rootfs")), run));
    register(
      `${mode}: run on an overlay`,
      async () => judge(await machine.run(mode, ran("rootfs:O")), overlay),
    );
    register(`${mode}: nothing is left`, async () => judge(await machine.run(mode, LEFT), {}));
    register(
      `${mode}: doctor`,
      async () => judgeDoctor(await machine.run(mode, "myctr doctor --format json"), mode),
    );
  }
  for (const check of checks) {
    if (!isHere(check.mode)) throw new Error(`${check.name}: ${check.mode} is no mode of this machine`);
    register(
      `${check.mode}: ${check.name}`,
      async () => judge(await machine.run(check.mode, check.script), check),
    );
  }
}

/** Containers, their processes, and what they mount. */
const LEFT =
  "myctr list --all --quiet; pgrep -fl 'myctr[ :]' | grep -v pgrep; grep -e myctr /proc/self/mountinfo; true";

function judge({ code, stdout, stderr }: ScriptResult, expected: Outcome): void {
  // All of it in one, so that a failure shows what was said.
  const said = JSON.stringify({ code, stdout, stderr }, null, 2);
  equal(code, expected.code ?? 0, said);
  match(stdout, expected.stdout ?? /^$/, said);
  match(stderr, expected.stderr ?? /^$/, said);
}

function judgeDoctor({ code, stdout, stderr }: ScriptResult, mode: ModeName): void {
  const { canRun, rows } = EXPECTATIONS[mode].doctor;
  const said = `${stdout}${stderr}`;
  equal(code, canRun ? 0 : 1, said);
  const diagnosis: { canRun: boolean; checks: { name: string; state: string }[] } = JSON.parse(stdout);
  const states = Object.fromEntries(diagnosis.checks.map(({ name, state }) => [name, state]));
  const seen = Object.fromEntries(Object.keys(rows).map((name) => [name, states[name]]));
  equal(JSON.stringify(seen, null, 2), JSON.stringify(rows, null, 2), said);
  equal(diagnosis.canRun, canRun, said);
}

/** Boots at the first script: where all tests are skipped, there is no machine. */
class LateMachine {
  readonly #options: MachineOptions;
  #machine: Promise<Machine> | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  async run(name: ModeName, script: string): Promise<ScriptResult> {
    const mode = modeOf(name);
    const { user, place = "session" } = mode;
    const machine = await (this.#machine ??= Machine.boot(this.#options));
    return await inMode(machine, mode, () => machine.run(script, { user, place }));
  }

  async discard(): Promise<void> {
    const machine = await this.#machine?.catch(() => undefined);
    await machine?.[Symbol.asyncDispose]();
  }
}
