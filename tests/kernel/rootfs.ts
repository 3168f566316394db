/** The root file system of the kernel tests: one static busybox, a few users, empty directories. */

import type { Account } from "../setup/needs.ts";

const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:an app:/home/app:/bin/sh\n",
  "etc/group": "root:x:0:\napp:x:1000:\nextra:x:2000:app\n",
};

const DIRECTORIES = ["bin", "dev", "etc", "home", "home/app", "proc", "root", "run", "sys", "tmp"] as const;

let applets: readonly string[] | undefined;

/** Makes a root at a path; gives the path. Its files belong to the account, else to root. */
export function makeRootfs(path: string, account: Account | undefined): string {
  const made: string[] = [path];
  Deno.mkdirSync(path, { mode: 0o755 });
  for (const name of DIRECTORIES) {
    Deno.mkdirSync(`${path}/${name}`, { mode: 0o755 });
    made.push(`${path}/${name}`);
  }
  Deno.chmodSync(`${path}/tmp`, 0o1777);
  for (const [name, text] of Object.entries(FILES)) {
    Deno.writeTextFileSync(`${path}/${name}`, text, { mode: 0o644 });
    made.push(`${path}/${name}`);
  }
  Deno.copyFileSync("/bin/busybox", `${path}/bin/busybox`);
  made.push(`${path}/bin/busybox`);
  for (const name of applets ??= listApplets()) {
    if (name !== "busybox") Deno.symlinkSync("busybox", `${path}/bin/${name}`);
  }
  if (account !== undefined) { for (const each of made) Deno.chownSync(each, account.uid, account.gid); }
  return path;
}

function listApplets(): string[] {
  const { stdout } = new Deno.Command("/bin/busybox", { args: ["--list"] }).outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n");
}
