/** The completion script of fish. Pure. */

import { type CompletionNode, quoteFish, type Word } from "./completion_table.ts";

/** Renders the script. */
export function renderFish(nodes: readonly CompletionNode[]): string {
  const stops = nodes.filter(({ stopsAtOperand, commands }) => stopsAtOperand && commands.length === 0);
  return [
    "# fish completion for myctr, made by: myctr completion fish\n",
    renderWords("__myctr_options", nodes, ({ options }) => options),
    renderWords("__myctr_commands", nodes, ({ commands }) => commands),
    renderTest("__myctr_is_place", nodes.flatMap(({ paths }) => paths).filter((path) => path !== "")),
    renderTest(
      "__myctr_takes_value",
      nodes.flatMap(({ paths, withValue }) =>
        paths.flatMap((path) => withValue.map((each) => `${path} ${each}`))
      ),
    ),
    renderTest("__myctr_stops", stops.flatMap(({ paths }) => paths)),
    SCRIPT,
  ].join("\n");
}

function renderWords(
  name: string,
  nodes: readonly CompletionNode[],
  wordsOf: (node: CompletionNode) => readonly Word[],
): string {
  const cases = nodes.filter((node) => wordsOf(node).length > 0).map((node) => {
    const words = wordsOf(node).map(({ word, meaning }) => `${quoteFish(word)} ${quoteFish(meaning)}`);
    return `        case ${node.paths.map(quoteFish).join(" ")}\n            printf '%s\\t%s\\n' ${
      words.join(" ")
    }`;
  });
  return `function ${name}\n    switch $argv[1]\n${cases.join("\n")}\n    end\nend\n`;
}

function renderTest(name: string, words: readonly string[]): string {
  return `function ${name}\n    contains -- $argv[1] ${words.map(quoteFish).join(" ")}\nend\n`;
}

/** Source: complete(1), commandline(1) of fish 3. */
const SCRIPT = String.raw`# Asks myctr itself: words, and last a line ":KIND" of what the shell shall add.
function __myctr_ask
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l kind
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        if string match -q ':*' -- $line
            set kind (string sub -s 2 -- $line)
        else
            echo $line
        end
    end
    set -l before (string match -r -- '^--[^=]*=' "$current")
    set -l text (string replace -r -- '^--[^=]*=' '' "$current")
    switch "$kind"
        case file
            string replace -r -- '^' "$before" (__fish_complete_path "$text")
        case directory
            string replace -r -- '^' "$before" (__fish_complete_directories "$text" '')
        case program
            string replace -r -- '^' "$before" (complete -C "$text")
    end
end

function __myctr_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l place ''
    set -l options yes
    set -l value no
    set -l i 2
    while test $i -le (count $words)
        set -l word $words[$i]
        set -l below (string trim -- "$place $word")
        if test $options = yes -a "x$word" = x--
            set options no
        else if test $options = yes; and string match -q -- '-?*' $word
            if __myctr_takes_value "$place $word"
                set i (math $i + 1)
                test $i -gt (count $words); and set value yes
            end
        else if __myctr_is_place $below
            set place $below
        else if __myctr_stops "$place"
            set options no
        end
        set i (math $i + 1)
    end
    if test $options = yes -a $value = no; and string match -q -- '-*' "$current"; and not string match -q -- '*=*' "$current"
        __myctr_options "$place"
        return
    end
    set -l commands
    test $value = no; and set commands (__myctr_commands "$place")
    if set -q commands[1]
        printf '%s\n' $commands
    else
        __myctr_ask
    end
end

complete -c myctr -f -a '(__myctr_complete)'
`;
