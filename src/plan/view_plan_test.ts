/** Tests of buildViewPlan(): myctr's own file gets a root by its descriptor alone, outside of every container. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { CLONE } from "../../ffi/constants/clone.ts";
import { DESCRIPTOR_RULES } from "../../tests/golden/descriptor_rules.ts";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { fieldOf, ReadPlan } from "../../tests/golden/plan_reader.ts";
import { ANNOTATION } from "../spec/types.ts";
import { ANSWER, buildViewPlan, VIEW, type ViewSource, viewSpec } from "./view_plan.ts";

const FROM = PLAN_CASES[0]!;
const COMMAND = {
  argv: ["myctr", "__files"],
  env: ["HOME=/home/me"],
  label: "work on the files of a container",
  reason: "Root over the ids of the files may read and write all of them.",
};
const IMAGE = {
  root: { path: "/var/lib/myctr/layers", readonly: false },
  annotations: { [ANNOTATION.root]: "overlay-tmpfs", [ANNOTATION.layers]: "upper:lower" },
};

function read(source: ViewSource, isRoot: boolean): ReadPlan {
  const host = isRoot ? { ...FROM.host, idMap: { kind: "host" } as const } : FROM.host;
  return new ReadPlan(FROM, buildViewPlan(viewSpec(IMAGE, { isRoot, source }), host, { ...COMMAND, source }));
}

const NAMESPACES = [
  { source: "mounted", isRoot: true, flags: CLONE.CLONE_NEWNS },
  { source: "mounted", isRoot: false, flags: CLONE.CLONE_NEWUSER | CLONE.CLONE_NEWNS },
  { source: "handed", isRoot: true, flags: 0 },
  { source: "handed", isRoot: false, flags: CLONE.CLONE_NEWUSER },
] as const;

for (const { source, isRoot, flags } of NAMESPACES) {
  const plan = read(source, isRoot);
  const who = `of a root that is ${source}, ${isRoot ? "as root" : "as an ordinary user"}`;

  Deno.test(`buildViewPlan() ${who} makes no namespace but what it needs`, () => {
    const clones = plan.steps.map(({ call }) => call).filter(({ name }) => name === "clone3");
    deepEqual(clones.map(({ args }) => Number(fieldOf(args[0], "flags"))), [flags]);
  });

  Deno.test(`buildViewPlan() ${who} ends in myctr's own file, with two descriptors beside its streams`, () => {
    const names = plan.container.map(({ name }) => name);
    const [closed, ...after] = plan.container.slice(names.lastIndexOf("close_range"));
    equal(closed?.name, "close_range");
    deepEqual(after.map(({ name, args }) => [name, args[1]]), [
      ["dup3", VIEW],
      ["dup3", ANSWER],
      ["execveat", ""],
    ]);
    ok(!names.includes("pivot_root") && !names.includes("setns"));
  });

  Deno.test(`buildViewPlan() ${who} has nothing mounted by name when it runs`, () => {
    const names = plan.container.map(({ name }) => name);
    const mounts = names.filter((name) => name === "move_mount" || name === "mount").length;
    equal(mounts > 0, source === "mounted");
    equal(names.includes("umount2"), source === "mounted");
  });

  for (const { name, broken } of DESCRIPTOR_RULES.filter(({ name }) => !/stage/.test(name))) {
    Deno.test(`buildViewPlan() ${who}: ${name}`, () => {
      // The two are all that is meant to stay open.
      const meant = new RegExp(`, (${VIEW}|${ANSWER}), 0\\)$`);
      deepEqual(broken(plan).filter((line) => !(name.includes("closed at execve") && meant.test(line))), []);
    });
  }
}
