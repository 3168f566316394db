/** The parts of a completion script that bash and zsh read alike: what is known, as functions with a `case`. Pure. */

import { type CompletionNode, quotePosix, type Word } from "./completion_table.ts";

/** Functions by which a script asks what there is at a place. */
export function renderTables(nodes: readonly CompletionNode[], show: (word: Word) => string): string {
  return [
    renderWords("_myctr_options", nodes, (node) => node.options.map(show)),
    renderWords("_myctr_commands", nodes, (node) => node.commands.map(show)),
    renderTest("_myctr_is_place", nodes.flatMap(({ paths }) => paths).filter((path) => path !== "")),
    renderTest("_myctr_takes_value", pairs(nodes)),
    renderTest("_myctr_stops", nodes.filter(stops).flatMap(({ paths }) => paths)),
  ].join("\n");
}

function stops({ stopsAtOperand, commands }: CompletionNode): boolean {
  return stopsAtOperand && commands.length === 0;
}

function pairs(nodes: readonly CompletionNode[]): readonly string[] {
  return nodes.flatMap(({ paths, withValue }) =>
    paths.flatMap((path) => withValue.map((option) => `${path} ${option}`))
  );
}

function renderWords(
  name: string,
  nodes: readonly CompletionNode[],
  wordsOf: (node: CompletionNode) => readonly string[],
): string {
  const cases = nodes.filter((node) => wordsOf(node).length > 0).map((node) =>
    `    ${node.paths.map(quotePosix).join(" | ")})\n      printf '%s\\n' ${
      wordsOf(node).map(quotePosix).join(" ")
    } ;;`
  );
  return `${name}() {\n  case $1 in\n${cases.join("\n")}\n  esac\n}\n`;
}

function renderTest(name: string, words: readonly string[]): string {
  const pattern = words.length === 0 ? "'no such word'" : words.map(quotePosix).join(" | ");
  return `${name}() {\n  case $1 in\n    ${pattern}) ;;\n    *) return 1 ;;\n  esac\n}\n`;
}
