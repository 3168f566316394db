/** What can't be: each with its exit code, a message in our form with a hint, no output, and nothing left behind. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "./box.ts";

interface BadRow {
  readonly what: string;
  /** Behind `run --rm`; ROOT is the box's root, WORK its directory of files. */
  readonly args: readonly string[];
  readonly code: 125 | 126 | 127;
  /** The message and the hint. */
  readonly says: RegExp;
  readonly prepare?: (box: Box) => void;
}

const ROWS: readonly BadRow[] = [
  {
    what: "an unknown flag",
    args: ["--nmae", "x", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /option "--nmae"[^]*Did you mean "--name"/,
  },
  {
    what: "a flag without its value",
    args: ["--rootfs"],
    code: 125,
    says: /"--rootfs/,
  },
  {
    what: "a missing root",
    args: ["--rootfs", "ROOT/none", "true"],
    code: 125,
    says: /root directory ".*\/none": it does not exist/,
  },
  {
    what: "a file as root",
    args: ["--rootfs", "ROOT/etc/passwd", "true"],
    code: 125,
    says: /root directory ".*passwd": it is a file/,
  },
  {
    what: "a root without the command",
    args: ["--rootfs", "WORK", "sh"],
    code: 127,
    says: /Cannot run "sh": it is not in PATH in the root/,
  },
  {
    what: "a missing file",
    args: ["--rootfs", "ROOT", "/bin/none"],
    code: 127,
    says: /Cannot run "\/bin\/none": there is no such file in the root/,
  },
  {
    what: "a script whose interpreter is missing",
    args: ["--rootfs", "ROOT", "/bin/script"],
    code: 127,
    says: /Cannot run "\/bin\/script": its interpreter "\/no\/such" is not in the root/,
    prepare: ({ rootfs }) => writeExecutable(`${rootfs}/bin/script`, "#!/no/such -x\n"),
  },
  {
    what: "a script without a first line",
    args: ["--rootfs", "ROOT", "/bin/script"],
    code: 126,
    says: /Cannot run "\/bin\/script": the file is no program for this machine/,
    prepare: ({ rootfs }) => writeExecutable(`${rootfs}/bin/script`, "echo\n"),
  },
  {
    what: "a relative working directory",
    args: ["-w", "tmp", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /working directory "tmp": the path is not absolute/,
  },
  {
    what: "a missing working directory",
    args: ["-w", "/none", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /change to the working directory \/none[^]*chdir\("\/none"\) = ENOENT/,
  },
  {
    what: "a relative path in a volume",
    args: ["-v", "WORK:data", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /the path in the container "data" is not absolute/,
  },
  {
    what: "a relative path in a mount",
    args: ["--mount", "type=tmpfs,dst=data", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /"data" is not absolute/,
  },
  {
    what: "a volume of what is not there",
    args: ["-v", "WORK/none:/data", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot mount ".*\/none": it does not exist on the host/,
  },
  {
    what: "a missing environment file",
    args: ["--env-file", "WORK/none", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /environment file ".*\/none": it does not exist/,
  },
  {
    what: "a user id that is not mapped",
    args: ["-u", "3000000", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot become user 3000000: only \d+ ids are mapped/,
  },
  {
    what: "a group id that is not mapped",
    args: ["-u", "0:3000000", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot become group 3000000: only \d+ ids are mapped/,
  },
  {
    what: "a user whose id is not in the map",
    args: ["--uidmap", "0:0:1", "-u", "app", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot become user 1000: your map leaves it out/,
  },
  {
    what: "a group to add that is not in the map",
    args: ["--gidmap", "0:0:10", "--group-add", "extra", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot become group 2000: your map leaves it out/,
  },
  {
    what: "a map without root",
    args: ["--uidmap", "1000:0", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot use --uidmap: id 0 of the container is not mapped/,
  },
  {
    what: "a user id that would wrap to root's",
    args: ["-u", "4294967296", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /4294967296 is beyond 4294967294/,
  },
  {
    what: "a user whose id would wrap",
    args: ["-u", "far", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot find user "far"/,
    prepare: ({ rootfs }) =>
      Deno.writeTextFileSync(`${rootfs}/etc/passwd`, "far:x:4294967296:0::/:/bin/sh\n"),
  },
  {
    what: "a FIFO as /etc/passwd",
    args: ["-u", "app", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot find user "app": \/etc\/passwd of the container has none/,
    prepare: ({ rootfs }) => makeFifo(`${rootfs}/etc/passwd`),
  },
  {
    what: "a line break in a host name",
    args: ["-h", "a\nb", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /hostname "a\\nb": it is no valid host name/,
  },
  {
    what: "a line break in a name",
    args: ["--name", "a\nb", "--rootfs", "ROOT", "true"],
    code: 125,
    says: /"a\\nb"/,
  },
  {
    what: "/dev as a symbolic link",
    args: ["--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot mount \/dev\n {2}step {2}\d+ of \d+\n {2}call {2}openat2\(.*\) = ELOOP/,
    prepare: ({ rootfs }) => replaceByLink(`${rootfs}/dev`),
  },
  {
    what: "/proc as a symbolic link",
    args: ["--rootfs", "ROOT", "true"],
    code: 125,
    says: /Cannot mount \/proc\n {2}step {2}\d+ of \d+\n {2}call {2}openat2\(.*\) = ELOOP/,
    prepare: ({ rootfs }) => replaceByLink(`${rootfs}/proc`),
  },
];

for (const { user, needs } of USERS) {
  for (const { what, args, code, says, prepare } of ROWS) {
    Deno.test({
      ...requires(`bad input: ${what}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        prepare?.(box);
        const words = args.map((word) => word.replace("ROOT", box.rootfs).replace("WORK", box.work));
        const ran = await box.exec(box.command("run", "--rm", ...words), { timeoutMs: 10_000 });
        check(ran, { code, says });
        deepEqual(box.traces(), []);
      },
    });
  }

  Deno.test({
    ...requires(`bad input: a FIFO as /etc/passwd does not stop root, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      for (const name of ["passwd", "group"]) makeFifo(`${box.rootfs}/etc/${name}`);
      const words = ["run", "--rm", "--rootfs", box.rootfs, "sh", "-c", "echo $HOME"];
      const ran = await box.exec(box.command(...words), { timeoutMs: 10_000 });
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "/\n", ""]);
    },
  });

  Deno.test({
    ...requires(`bad input: relative paths of the host are taken from here, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await box.write("note", "here\n");
      const words = ["run", "--rm", "-v", "./note:/note", "--rootfs", "../rootfs", "cat", "/note"];
      ok(box.rootfs.endsWith("/rootfs"));
      const ran = await box.run(...words);
      equal(ran.stdout, "here\n", ran.stderr);
    },
  });

  Deno.test({
    ...requires(`bad input: user namespaces are forbidden, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"';
      const words = box.user === "root" ? box.command() : box.command().slice(box.as().length);
      const run = [...words, "run", "--rm", "--rootfs", box.rootfs, "true"];
      const ran = await box.exec(box.as("unshare", "-Ur", "sh", "-c", forbid, "sh", ...run));
      check(ran, {
        code: 125,
        says: /Cannot create the namespaces\n[^]*clone3\([^]*= ENOSPC\n.*max_user_namespaces/,
      });
    },
  });
}

/** "Cannot ...", perhaps with the step, and what to do about it. */
function check(ran: Ran, { code, says }: { readonly code: number; readonly says: RegExp }): void {
  equal(ran.code, code, ran.stderr);
  equal(ran.stdout, "");
  match(ran.stderr, says);
  match(ran.stderr, /^myctr: Cannot .*\n( {2}step .*\n {2}call .*\n)?( {2}also .*\n)? {2}hint {2}[A-Z].*\n$/);
}

function writeExecutable(path: string, text: string): void {
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, 0o755);
}

function makeFifo(path: string): void {
  Deno.removeSync(path);
  const { success } = new Deno.Command("mkfifo", { args: ["-m", "666", path] }).outputSync();
  ok(success);
}

function replaceByLink(path: string): void {
  Deno.removeSync(path);
  Deno.symlinkSync("/etc", path);
}
