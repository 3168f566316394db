/** `myctr system check`: whether the store of images is what it says. */

import type { Checked } from "../runtime/check_store.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { confirm } from "./confirm.ts";
import type { Declaration } from "./declaration.ts";
import { visible } from "./visible.ts";

const CHECK = {
  path: "myctr system check",
  description: "Look for damage in the store of images",
  options: [
    { name: "force", long: "--force", short: "-f", description: "do not ask before anything is removed" },
    HELP_OPTION,
    { name: "quick", long: "--quick", short: "-q", description: "do not read all that is there: no digests" },
    {
      name: "repair",
      long: "--repair",
      short: "-r",
      description: "remove what is damaged, and images that need it: pull them again",
    },
  ],
  operands: [],
  examples: ["myctr system check", "myctr system check --quick --repair --force"],
} as const satisfies Declaration;

/** Makes the command. Its exit code is 1 where there is damage that was not repaired. */
export function checkCommand(): Runnable {
  return runnable(CHECK, async ({ options: { force = false, quick = false, repair = false } }, session) => {
    if (repair && !force && !confirm("This will remove images that are damaged.", session)) return 1;
    const { checkStore } = await import("../runtime/check_store.ts");
    const checked = await checkStore({ isQuick: quick, isRepaired: repair });
    session.print(renderChecked(checked, { isRepaired: repair }));
    const { damages, left } = checked;
    return (repair ? left : damages).length > 0 ? 1 : 0;
  });
}

function renderChecked(
  { damages, images, blobs, layers, removed, left }: Checked,
  { isRepaired }: { readonly isRepaired: boolean },
): string {
  const lines = damages.map(({ what, why, images }) => {
    const needed = images.length === 0 ? "" : ` (of ${images.join(", ")})`;
    return `Damaged: ${what}: ${why}${needed}`;
  });
  const seen = [count(images, "image"), count(blobs, "blob"), count(layers, "layer")].join(", ");
  const found = damages.length === 0 ? "no damage" : `${damages.length} damaged`;
  const done = !isRepaired || damages.length === 0
    ? ""
    : left.length === 0
    ? ", repaired"
    : `, ${left.length} left`;
  return [
    ...lines,
    ...removed.map((image) => `Removed: ${image}`),
    ...left.map((layer) => `Left: ${layer}: a running container uses it: stop that, and repair again`),
    `${seen}: ${found}${done}`,
  ].map((line) => `${visible(line)}\n`).join("");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
