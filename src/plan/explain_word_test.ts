/** Words by sample plans: those that the golden files are about. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { buildPlan } from "./build_plan.ts";
import { explainedWords, explainWord } from "./explain_word.ts";
import { HINTS } from "./hints.ts";
import { renderExplanations } from "./render_explanation.ts";

const PLANS = PLAN_CASES.map(({ spec, host }) => buildPlan(spec, host));

const ROWS = [
  {
    word: "mount /proc",
    told: /^mount \/proc: a step of the container\n {2}why .*\n {2}call {3}fsopen\("proc"/,
  },
  { word: "mount /proc", told: /fails {2}fsmount\(\) = EPERM: Part of \/proc is covered/ },
  { word: "map the ids", told: /a step of myctr\n.*\n {2}does {3}write the id maps/ },
  {
    word: "pivot_root",
    told: /^pivot_root\(\): a system call\n {2}step {3}enter the root: .*\n.*\n {2}man {4}pivot_root\(2\)/,
  },
  { word: "pivot_root(2)", told: /^pivot_root\(\)/ },
  {
    word: "EPERM",
    told: /^EPERM: error number 1, Operation not permitted\n[^]*clone3\(\) in "create the namespaces": /,
  },
  { word: "enoent", told: /^ENOENT: error number 2/ },
  { word: "13", told: /^EACCES: error number 13, Permission denied\n[^]*chdir\(\): / },
  { word: "125", told: /^125: exit code of run\n[^]*ECANCELED: error number 125/ },
  { word: "127", told: /^127: exit code of run\n {2}means {2}the command, or the interpreter/ },
  { word: "137", told: /means {2}the command was killed by signal 9, SIGKILL\n[^]*dmesg/ },
  { word: "143", told: /killed by signal 15, SIGTERM\n {2}man/ },
  {
    word: "pid",
    told:
      /^pid: a namespace\n[^]*CLONE_NEWPID\n {2}step {3}create the namespaces\n {2}shell {2}unshare --pid/,
  },
  { word: "net", told: /^network: a namespace/ },
  {
    word: "MOUNT_ATTR_IDMAP",
    told: /a constant of the kernel\n {2}call {3}mount_setattr\(.*in "shift the ids of/,
  },
  { word: "clone_newuser", told: /^CLONE_NEWUSER: a constant.*\n {2}call {3}clone3\(/ },
  { word: "overlay", told: /^lay out the overlay: [^]*\nmount the overlay: / },
] as const;

for (const { word, told } of ROWS) {
  Deno.test(`explainWord() tells of ${word}: ${told.source.slice(0, 40)}`, () => {
    match(renderExplanations(explainWord(word, PLANS)), told);
  });
}

for (
  const word of ["", "x", "pivto_root", "300", "4096", "toString", "constructor", "the", "NOT_USED"]
) {
  Deno.test(`explainWord() knows nothing of ${JSON.stringify(word)}`, () => {
    deepEqual(explainWord(word, PLANS), []);
  });
}

Deno.test("explainWord() explains every word that explainedWords() lists", () => {
  const words = explainedWords(PLANS);
  ok(words.length > 200);
  deepEqual(words.filter((word) => explainWord(word, PLANS).length === 0), []);
});

Deno.test("explainWord() shows every hint for its errno and for its call", () => {
  for (const { call, errno, hint } of HINTS) {
    ok(renderExplanations(explainWord(errno, PLANS)).includes(hint), hint);
    ok(renderExplanations(explainWord(call, PLANS)).includes(hint), hint);
  }
});

Deno.test("renderExplanations() writes a term that comes again once", () => {
  const rows = [["call", "a()"], ["call", "b()"], ["man", "a(2)"]] as const;
  equal(renderExplanations([{ title: "x", rows }]), "x\n  call   a()\n         b()\n  man    a(2)\n");
});
