/** The completion script of zsh: a file _myctr in a directory of fpath, or sourced after compinit. Pure. */

import { renderTables } from "./completion_posix.ts";
import type { CompletionNode } from "./completion_table.ts";

/** Renders the script. */
export function renderZsh(nodes: readonly CompletionNode[]): string {
  return `#compdef myctr\n# zsh completion for myctr, made by: myctr completion zsh\n\n${
    renderTables(nodes, ({ word, meaning }) => `${word}:${meaning}`)
  }\n${SCRIPT}`;
}

/** Source: zshcompsys(1), zshcompwid(1). */
const SCRIPT = String.raw`# Asks myctr itself: words, and last a line ":KIND" of what the shell shall add.
_myctr_ask() {
  local line kind
  local -a found
  for line in "${"$"}{(@f)$("${"$"}{words[1]}" __complete -- "${"$"}{(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :* ]]; then
      kind=${"$"}{line#:}
    elif [[ -n $line ]]; then
      found+=("${"$"}{${"$"}{line%%$'\t'*}//:/\\:}:${"$"}{line#*$'\t'}")
    fi
  done
  (( ${"$"}{#found} )) && _describe myctr found
  [[ -n $kind ]] || return 0
  compset -P '--*='
  case $kind in
    file) _files ;;
    directory) _files -/ ;;
    program) _command_names -e ;;
  esac
}

_myctr() {
  local place word
  local -a found
  local -i i options=1 value=0
  for ((i = 2; i < CURRENT; i++)); do
    word=${"$"}{words[i]}
    if ((options)) && [[ $word == -- ]]; then
      options=0
    elif ((options)) && [[ $word == -?* ]]; then
      if _myctr_takes_value "$place $word"; then
        ((++i == CURRENT)) && value=1
      fi
    elif _myctr_is_place "${"$"}{place:+$place }$word"; then
      place=${"$"}{place:+$place }$word
    elif _myctr_stops "$place"; then
      options=0
    fi
  done
  word=${"$"}{words[CURRENT]}
  if ((options && !value)) && [[ $word == -* && $word != *=* ]]; then
    found=("${"$"}{(@f)$(_myctr_options "$place")}")
    _describe -o option found
    return
  fi
  ((value)) || found=(${"$"}{(f)"$(_myctr_commands "$place")"})
  if (( ${"$"}{#found} )); then _describe command found; else _myctr_ask; fi
}

if [[ $funcstack[1] == _myctr ]]; then _myctr "$@"; else compdef _myctr myctr; fi
`;
