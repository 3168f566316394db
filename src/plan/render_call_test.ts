/** Tests of renderCall() and quote(): a call as strace(1) prints it. */

import { equal } from "node:assert/strict";
import { CLONE } from "../../ffi/constants/clone.ts";
import { MS } from "../../ffi/constants/mount.ts";
import { AF, SOCK } from "../../ffi/constants/netlink.ts";
import { AT_FDCWD, O, S_IF } from "../../ffi/constants/open.ts";
import { CAP, PR, PR_CAP_AMBIENT, RLIMIT, SIG } from "../../ffi/constants/process.ts";
import { type Call, call, slot } from "./operation.ts";
import { openInRoot } from "./plan_builder.ts";
import { quote, renderCall } from "./render_call.ts";

const ROWS: readonly { readonly call: Call; readonly text: string }[] = [
  { call: call("fchdir", [slot("root")]), text: "fchdir({root})" },
  {
    call: call("mount", [null, "/", null, MS.MS_REC | MS.MS_PRIVATE, null]),
    text: 'mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)',
  },
  { call: call("prctl", [PR.PR_SET_PDEATHSIG, SIG.SIGKILL]), text: "prctl(PR_SET_PDEATHSIG, SIGKILL)" },
  {
    call: call("prctl", [PR.PR_CAPBSET_DROP, CAP.CAP_SYS_ADMIN]),
    text: "prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)",
  },
  {
    call: call("prctl", [PR.PR_CAP_AMBIENT, PR_CAP_AMBIENT.PR_CAP_AMBIENT_RAISE, CAP.CAP_NET_RAW, 0, 0]),
    text: "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0)",
  },
  {
    call: call("prctl", [PR.PR_CAP_AMBIENT, PR_CAP_AMBIENT.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0]),
    text: "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)",
  },
  { call: call("mkdirat", [slot("root"), "a b", 0o755]), text: 'mkdirat({root}, "a b", 0755)' },
  {
    call: call("mknodat", [slot("dev"), "null", S_IF.S_IFREG | 0o666, 0]),
    text: 'mknodat({dev}, "null", S_IFREG|0666)',
  },
  {
    call: call("openat", [AT_FDCWD, "/dev/null", O.O_RDONLY | O.O_CLOEXEC, 0]),
    text: 'openat(AT_FDCWD, "/dev/null", O_RDONLY|O_CLOEXEC)',
  },
  {
    call: openInRoot("/a/b", "place", { refuseLinks: true }),
    text: 'openat2({root}, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH, ' +
      "resolve=RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24)",
  },
  {
    call: call("clone3", [
      { struct: "clone_args", fields: { flags: CLONE.CLONE_NEWPID, exit_signal: 17n } },
      88,
    ]),
    text: "clone3({flags=CLONE_NEWPID, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88)",
  },
  {
    call: call("prlimit64", [
      0,
      RLIMIT.RLIMIT_NOFILE,
      { struct: "rlimit64", fields: { rlim_cur: 1024n, rlim_max: 524_288n } },
      null,
    ]),
    text: "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=512*1024}, NULL)",
  },
  {
    call: call("socketpair", [AF.AF_UNIX, SOCK.SOCK_STREAM, 0, { out: "a|b", slots: ["a", "b"], size: 8 }]),
    text: "socketpair(AF_UNIX, SOCK_STREAM, 0, [{a}, {b}])",
  },
  {
    call: call("execve", ["/x", { texts: ["x", "-a"] }, { texts: ["A=1"], home: true }]),
    text: 'execve("/x", ["x", "-a"], ["A=1", "HOME={home}"])',
  },
  {
    call: call("setresuid", [{ answer: "uid" }, { answer: "uid" }, { answer: "uid" }]),
    text: "setresuid({uid}, {uid}, {uid})",
  },
];

for (const { call, text } of ROWS) {
  Deno.test(`renderCall() prints ${text}`, () => {
    equal(renderCall(call), text);
  });
}

const QUOTED = [
  { text: "plain", quoted: '"plain"' },
  { text: 'a"b\\c', quoted: '"a\\"b\\\\c"' },
  { text: "line\nbreak\ttab\r", quoted: '"line\\nbreak\\ttab\\r"' },
  { text: "\x1b[31m\x07\x7f", quoted: '"\\33[31m\\7\\177"' },
  { text: "é", quoted: '"é"' },
] as const;

for (const { text, quoted } of QUOTED) {
  Deno.test(`quote() prints ${quoted}`, () => {
    equal(quote(text), quoted);
  });
}
