/** `myctr explain`: the long form of a word that myctr has printed, or that is asked about. */

import { CtrError } from "../errors.ts";
import type { Explanation } from "../plan/explain_word.ts";
import type { Plan } from "../plan/operation.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const EXPLAIN = {
  path: "myctr explain",
  description: "Explain a step, a system call, an error, an exit code, a namespace or a flag",
  options: [HELP_OPTION],
  operands: [{
    name: "word",
    isRequired: true,
    isVariadic: true,
    description: "such as mount /proc, pivot_root, EPERM, 13, 137, pid, MOUNT_ATTR_IDMAP, --read-only",
  }],
  examples: [
    "myctr explain mount /proc       A step, as --dry-run and errors name it",
    "myctr explain EPERM             An error: what it means, and where",
    "myctr explain --read-only       A flag, and the steps that it adds",
  ],
} as const satisfies Declaration;

/** Makes the command; the sample plans are other ones in tests. */
export function explainCommand(samples: () => Promise<readonly Plan[]> = samplesHere): Runnable {
  const command = runnable(EXPLAIN, async ({ operands }, session) => {
    const word = operands.word.join(" ");
    const [{ explainWord, explainedWords }, { renderExplanations }, { explainFlag, flagNames }] =
      await Promise.all([
        import("../plan/explain_word.ts"),
        import("../plan/render_explanation.ts"),
        import("./explain_flag.ts"),
      ]);
    const found: readonly Explanation[] = word.startsWith("-")
      ? await explainFlag(word)
      : explainWord(word, await samples());
    if (found.length === 0) {
      const known = word.startsWith("-") ? await flagNames() : explainedWords(await samples());
      throw await unknownWord(word, known);
    }
    session.print(renderExplanations(found));
    return 0;
  });
  return {
    ...command,
    // A flag is a word here, not an option of this command: nobody should have to know of "--".
    run: (argv, session) => command.run(isFlag(argv) ? ["--", ...argv] : argv, session),
  };
}

function isFlag([first = ""]: readonly string[]): boolean {
  return first.startsWith("-") && !["--", "--help", "-h"].includes(first);
}

/** The nearest of what is known, first by spelling, then by words in common. */
async function unknownWord(word: string, known: readonly string[]): Promise<CtrError> {
  const { nearest } = await import("../spec/nearest.ts");
  const near = nearest(word, known) ?? nearest(word.toUpperCase(), known);
  const parts = word.split(" ").filter((part) => part.length > 3);
  const sharing = known.filter((each) => parts.some((part) => each.includes(part))).slice(0, 5);
  const suggestions = near === undefined ? sharing : [near];
  return new CtrError("usage", `Cannot explain ${JSON.stringify(word)}: the word is not known`, {
    hint: suggestions.length === 0
      ? 'Look at the steps that "myctr run --dry-run host true" prints'
      : `Did you mean ${suggestions.map((each) => JSON.stringify(each)).join(" or ")}?`,
  });
}

async function samplesHere(): Promise<readonly Plan[]> {
  const { samplePlans } = await import("./sample_plans.ts");
  return samplePlans();
}
