/** The completion script of bash. It needs nothing but bash 4. Pure. */

import { renderTables } from "./completion_posix.ts";
import type { CompletionNode } from "./completion_table.ts";

/** Renders the script. */
export function renderBash(nodes: readonly CompletionNode[]): string {
  return `# bash completion for myctr, made by: myctr completion bash\n\n${
    renderTables(nodes, ({ word }) => word)
  }\n${SCRIPT}`;
}

/** Source: bash(1), Programmable Completion. */
const SCRIPT = String
  .raw`# Splits the line at blanks alone: COMP_WORDS is split at = and : too. Sets the caller's "words".
_myctr_words() {
  local rest=$COMP_LINE word after last=''
  local -i i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${"$"}{COMP_WORDS[i]}
    after=${"$"}{rest#"${"$"}{rest%%[![:space:]]*}"}
    if ((i > 0)) && [[ $after == "$rest" && ($word == [:=]* || $last == *[:=]) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    last=$word
    rest=${"$"}{after#"$word"}
  done
}

# Keeps of the lines of standard input those that begin as the current word does.
_myctr_add() {
  local word
  while IFS= read -r word; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done
}

# Asks myctr itself: words, and last a line ":KIND" of what the shell shall add.
_myctr_ask() {
  local word kind='' before=''
  while IFS= read -r word; do
    if [[ $word == :* ]]; then kind=${"$"}{word#:}; else COMPREPLY+=("${"$"}{word%%$'\t'*}"); fi
  done < <("${"$"}{words[0]}" __complete -- "${"$"}{words[@]:1}" 2>/dev/null)
  [[ -n $kind ]] || return
  [[ $current == --*=* ]] && before=${"$"}{current%%=*}=
  local -A actions=([file]=-f [directory]=-d [program]=-c)
  [[ $kind == program ]] || compopt -o filenames 2>/dev/null
  while IFS= read -r word; do
    COMPREPLY+=("$before$word")
  done < <(compgen "${"$"}{actions[$kind]}" -- "${"$"}{current#"$before"}")
}

_myctr() {
  local words place='' word current breaks='' stem
  local -i i=1 last options=1 value=0
  _myctr_words
  last=${"$"}{#words[@]}-1
  current=${"$"}{words[last]}
  COMPREPLY=()
  for ((i = 1; i < last; i++)); do
    word=${"$"}{words[i]}
    if ((options)) && [[ $word == -- ]]; then
      options=0
    elif ((options)) && [[ $word == -?* ]]; then
      if _myctr_takes_value "$place $word"; then
        i=i+1
        ((i == last)) && value=1
      fi
    elif _myctr_is_place "${"$"}{place:+$place }$word"; then
      place=${"$"}{place:+$place }$word
    elif _myctr_stops "$place"; then
      options=0
    fi
  done
  if ((options && !value)) && [[ $current == -* && $current != *=* ]]; then
    _myctr_add < <(_myctr_options "$place")
  else
    ((value)) || _myctr_add < <(_myctr_commands "$place")
    ((${"$"}{#COMPREPLY[@]})) || _myctr_ask
  fi
  # Of a word with = or : bash replaces only what stands behind it.
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
  if [[ -n $breaks && $current == *["$breaks"]* ]]; then
    stem=${"$"}{current%"${"$"}{current##*["$breaks"]}"}
    COMPREPLY=("${"$"}{COMPREPLY[@]#"$stem"}")
  fi
}

complete -F _myctr myctr
`;
