/** Completion in the real shells: what `myctr completion` prints is loaded there, and asks the real myctr. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ROOT } from "./sources.ts";
import { requires } from "./setup/requirements.ts";

/** A directory with `myctr` in it, the three scripts, a state root with one container, and a file. */
interface World extends AsyncDisposable {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

const SHELLS = ["bash", "zsh", "fish"] as const;
const ID = "0123456789abcdef".repeat(4);

async function openWorld(): Promise<World> {
  const directory = await Deno.makeTempDir({ prefix: "myctr-completion-" });
  const run = `exec ${Deno.execPath()} run -A -q --no-check ${ROOT}src/main.ts "$@"\n`;
  await Deno.writeTextFile(`${directory}/myctr`, `#!/bin/sh\n${run}`, { mode: 0o755 });
  await Deno.mkdir(`${directory}/state/containers/${ID}`, { recursive: true });
  const state = { version: 2, id: ID, name: "web", image: "host", command: ["true"], labels: {} };
  await Deno.writeTextFile(`${directory}/state/containers/${ID}/state.json`, JSON.stringify(state));
  await Deno.writeTextFile(`${directory}/settings.env`, "");
  const env = {
    PATH: `${directory}:${Deno.env.get("PATH")}`,
    HOME: directory,
    MYCTR_ROOT: `${directory}/state`,
  };
  for (const shell of SHELLS) {
    const { stdout, code } = await runIn(`${directory}/myctr`, ["completion", shell], { directory, env });
    equal(code, 0);
    await Deno.writeTextFile(`${directory}/completion.${shell}`, stdout);
  }
  return { directory, env, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

async function runIn(
  program: string,
  args: readonly string[],
  { directory, env }: Pick<World, "directory" | "env">,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const signal = AbortSignal.timeout(30_000);
  const command = new Deno.Command(program, { args: [...args], cwd: directory, env, signal, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { code, stdout: out, stderr: err };
}

interface Row {
  readonly line: string;
  /** What is offered, all of it. */
  readonly offered: readonly string[];
}

/** What holds in every shell; the words are those that stand behind the line's last blank, or its last = or :. */
const ROWS: readonly Row[] = [
  { line: "myctr ru", offered: ["run"] },
  { line: "myctr l", offered: ["list", "load", "login", "logout", "logs", "ls"] },
  { line: "myctr --ro", offered: ["--root"] },
  { line: "myctr run --netw", offered: ["--network"] },
  { line: "myctr run --network h", offered: ["host"] },
  {
    line: "myctr run --network ",
    offered: ["container:web", "host", "none", "pasta", "private", "slirp4netns"],
  },
  { line: "myctr run --cap-add NET_R", offered: ["NET_RAW"] },
  { line: "myctr run -i --cap-drop AL", offered: ["ALL"] },
  { line: "myctr run --rm ho", offered: ["host"] },
  { line: "myctr run --env-file sett", offered: ["settings.env"] },
  { line: "myctr run -v ./sett", offered: ["./settings.env"] },
  { line: "myctr run host cat --netw", offered: [] },
  { line: "myctr run host cat sett", offered: ["settings.env"] },
  { line: "myctr rm ", offered: ["web"] },
  { line: "myctr rm -f w", offered: ["web"] },
  { line: "myctr --root /nowhere rm ", offered: [] },
  { line: "myctr ps --no", offered: ["--no-trunc"] },
  { line: "myctr help expl", offered: ["explain"] },
  { line: "myctr completion z", offered: ["zsh"] },
  { line: "myctr list ", offered: [] },
];

/** Splits a line as readline does, for COMP_WORDS: bash(1), COMP_WORDBREAKS. */
const BASH = String.raw`
source completion.bash
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
while IFS= read -r COMP_LINE; do
  COMP_POINT=${"$"}{#COMP_LINE} COMP_WORDS=() rest=$COMP_LINE
  re='^[[:space:]]*([^[:space:]=:]+|[=:]+)'
  while [[ $rest =~ $re ]]; do
    COMP_WORDS+=("${"$"}{BASH_REMATCH[1]}")
    rest=${"$"}{rest#"${"$"}{BASH_REMATCH[0]}"}
  done
  [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${"$"}{#COMP_WORDS[@]} - 1))
  function=$(complete -p myctr); function=${"$"}{function#*-F }; function=${"$"}{function%% *}
  $function myctr "${"$"}{COMP_WORDS[COMP_CWORD]}" "${"$"}{COMP_WORDS[COMP_CWORD-1]}"
  echo "${"$"}{COMPREPLY[*]}"
done <lines
`;

const FISH = `
source completion.fish
while read -l line
    echo (complete -C $line | string replace -r '\\t.*' '')
end <lines
`;

/** Gives what a shell offers for each line, in order. */
async function offers(shell: "bash" | "fish", lines: readonly string[]): Promise<readonly string[][]> {
  await using world = await openWorld();
  await Deno.writeTextFile(`${world.directory}/lines`, lines.map((line) => `${line}\n`).join(""));
  const args = shell === "bash" ? ["--norc", "-c", BASH] : ["--no-config", "-c", FISH];
  const { stdout, stderr } = await runIn(shell, args, world);
  equal(stderr, "");
  return stdout.trimEnd().split("\n").map((line) => line.split(" ").filter((word) => word !== "").sort());
}

/** Words with = and :, which bash splits and the others do not. */
const BASH_ROWS: readonly Row[] = [
  { line: "myctr run --network=h", offered: ["host"] },
  {
    line: "myctr run --network=",
    offered: ["container:web", "host", "none", "pasta", "private", "slirp4netns"],
  },
  { line: "myctr run --pid container:w", offered: ["web"] },
  { line: "myctr run --ipc=container:", offered: ["web"] },
  { line: "myctr run --env-file=sett", offered: ["settings.env"] },
  { line: "myctr run -v ./settings.env:/e", offered: [] },
  { line: "myctr run -e A=b:c --netw", offered: ["--network"] },
  { line: "myctr run -v /a:/b --network n", offered: ["none"] },
];

const FISH_ROWS: readonly Row[] = [
  { line: "myctr run --network=h", offered: ["--network=host"] },
  { line: "myctr run --env-file=sett", offered: ["--env-file=settings.env"] },
  { line: "myctr run --pid container:w", offered: ["container:web"] },
];

for (const [shell, own] of [["bash", BASH_ROWS], ["fish", FISH_ROWS]] as const) {
  Deno.test({
    ...requires(`completion: ${shell} offers what fits, and nothing else`, shell),
    async fn() {
      const rows = [...ROWS, ...own];
      const found = await offers(shell, rows.map(({ line }) => line));
      deepEqual(
        rows.map(({ line }, index) => ({ line, offered: found[index] ?? [] })),
        rows.map(({ line, offered }) => ({ line, offered: offered.toSorted() })),
      );
    },
  });
}

/** What both shells read first: one key completes and then takes the line, so that nothing has to be waited for. */
const SET_UP = String.raw`
unset HISTFILE
myctr() { if [[ $1 == __complete ]]; then command myctr "$@"; else echo "GOT:$*:"; fi; }
if [ -n "$ZSH_VERSION" ]; then
  autoload -Uz compinit; compinit -u -D; source ./completion.zsh
  complete-and-accept() { zle expand-or-complete; zle accept-line; }
  zle -N complete-and-accept
  bindkey '^T' complete-and-accept
else
  source ./completion.bash
  bind '"\C-t": "\t\r"'
fi
PS1='READY> '
`;

/** Types lines in an interactive shell on a terminal of its own, and prints what each was taken for. */
const TYPE = String.raw`
zmodload zsh/zpty
zpty shell "$@"
zpty -w shell 'source ./set_up'
zpty -r shell seen '*READY> *'
while IFS= read -r line; do
  zpty -w -n shell "$line"$'\C-t'
  zpty -r shell seen '*GOT:*:*'
  print -r -- "${"$"}{${"$"}{seen##*GOT:}%%:*}"
  zpty -r shell seen '*READY> *'
done <lines
# Until it has ended it may still write to its home.
zpty -w shell exit
while zpty -r shell seen; do :; done
zpty -d shell
`;

/** What a line becomes when it is completed; each is the only completion. */
const TYPED = [
  { line: "myctr ru", becomes: "run" },
  { line: "myctr run --netw", becomes: "run --network" },
  { line: "myctr run --network h", becomes: "run --network host" },
  { line: "myctr run --network=h", becomes: "run --network=host" },
  { line: "myctr run --rm host cat sett", becomes: "run --rm host cat settings.env" },
  { line: "myctr run --env-file=sett", becomes: "run --env-file=settings.env" },
  { line: "myctr run -v ./sett", becomes: "run -v ./settings.env" },
  { line: "myctr rm -f w", becomes: "rm -f web" },
  { line: "myctr completion z", becomes: "completion zsh" },
] as const;

const INTERACTIVE = { zsh: ["zsh", "-f", "-i"], bash: ["bash", "--norc", "-i"] } as const;

for (const shell of ["zsh", "bash"] as const) {
  Deno.test({
    ...requires(`completion: ${shell} on a terminal completes what is typed`, "zsh", "bash"),
    async fn() {
      await using world = await openWorld();
      await Deno.writeTextFile(`${world.directory}/set_up`, SET_UP);
      await Deno.writeTextFile(`${world.directory}/lines`, TYPED.map(({ line }) => `${line}\n`).join(""));
      const { stdout } = await runIn("zsh", ["-f", "-c", TYPE, "zsh", ...INTERACTIVE[shell]], world);
      deepEqual(
        stdout.trimEnd().split("\n").map((line) => line.trimEnd()),
        TYPED.map(({ becomes }) => becomes),
      );
    },
  });
}

Deno.test("completion: every option that is not hidden stands in every script", async () => {
  await using world = await openWorld();
  const { stdout } = await runIn("myctr", ["help", "run"], world);
  const options = [...stdout.matchAll(/ (--[a-z-]+)/g)].map(([, name]) => name ?? "");
  ok(options.length > 20);
  for (const shell of SHELLS) {
    const text = await Deno.readTextFile(`${world.directory}/completion.${shell}`);
    deepEqual(options.filter((name) => !text.includes(`'${name}`)), []);
    equal(text.includes("--fail-step"), false);
  }
});

Deno.test("completion: another shell is refused, with the names of those there are", async () => {
  await using world = await openWorld();
  const { code, stderr } = await runIn("myctr", ["completion", "csh"], world);
  equal(code, 125);
  match(stderr, /bash, zsh, fish/);
});
