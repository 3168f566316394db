/** `myctr login` and `logout` with a registry that asks for a name, and what others make of it. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "../kernel/box.ts";
import { done, importRoot } from "./image_box.ts";
import { RealRegistry } from "./real_registry.ts";

const NEEDS = ["tar", "docker_registry", "skopeo"] as const;
const PASSWORD = "correct horse";
/** Of the account `me`: bcrypt of PASSWORD, as crypt(5) writes it. */
const HTPASSWD = "me:$2b$04$d1K2VPD0uEBk/Lhd9SoIre62w7dFXSDAJIkeMysr8YOmsKiMl3VNq\n";

async function startLocked(box: Box): Promise<RealRegistry> {
  const path = `${box.directory}/htpasswd`;
  await Deno.writeTextFile(path, HTPASSWD);
  return await RealRegistry.start({ auth: { htpasswd: { realm: "test", path } } });
}

/** Runs myctr with a home of its own. */
async function atHome(box: Box, words: readonly string[], stdin?: string): Promise<Ran> {
  const env = { HOME: box.work, XDG_RUNTIME_DIR: box.work };
  return await box.exec(box.command(...words), { env, ...(stdin !== undefined && { stdin }) });
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`login: opens a registry, until logout, as ${user}`, ...needs, ...NEEDS),
    async fn() {
      await using box = await openBox({ user });
      await using registry = await startLocked(box);
      const { host } = registry;
      await importRoot(box, `${host}/app:1`);
      const push = () => atHome(box, ["push", "-q", `${host}/app:1`]);
      match((await push()).stderr, new RegExp(`hint {2}.*myctr login ${host}`));

      const wrong = await atHome(box, ["login", "-u", "me", "--password-stdin", host], "wrong\n");
      deepEqual([wrong.code, wrong.stdout], [125, ""]);
      match(wrong.stderr, /does not know this name with this password/);
      const config = `${box.work}/.docker/config.json`;
      equal((await push()).code, 125);

      await Deno.mkdir(`${box.work}/.docker`);
      await Deno.writeTextFile(config, '{"psFormat":"x"}');
      await box.give(`${box.work}/.docker`);
      await box.give(config);
      const login = await atHome(box, ["login", "-u", "me", "--password-stdin", host], `${PASSWORD}\n`);
      deepEqual([login.code, login.stdout], [0, "Login Succeeded\n"]);
      match(login.stderr, /stored unencrypted in '.*\/\.docker\/config\.json'/);
      equal(Deno.statSync(config).mode! & 0o777, 0o600);
      equal(JSON.parse(Deno.readTextFileSync(config)).psFormat, "x");
      await done(push());
      match((await atHome(box, ["login", host])).stderr, /existing credentials\.\.\. \[Username: me\]/);

      // What docker's file says is what skopeo goes by.
      const env = { HOME: box.work, XDG_RUNTIME_DIR: box.work };
      const inspect = ["skopeo", "inspect", "--tls-verify=false", "--raw", `docker://${host}/app:1`];
      equal((await box.exec(box.as(...inspect), { env })).code, 0);

      equal(await done(atHome(box, ["logout", host])), `Removing login credentials for ${host}\n`);
      equal(await done(atHome(box, ["logout", host])), `Not logged in to ${host}\n`);
      equal((await push()).code, 125);
      deepEqual(JSON.parse(Deno.readTextFileSync(config)), { psFormat: "x", auths: {} });
    },
  });
}

/** Answers questions on a terminal; prints what it has shown. */
const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execvpe(sys.argv[1], sys.argv[1:], os.environ)
shown = b""
for question, answer in ((b"Username: ", b"me\\n"), (b"Password: ", ${
  JSON.stringify("correct house")
}.encode() + b"\\x7f" * 5 + b"horse\\r")):
    while question not in shown: shown += os.read(fd, 1000)
    import time; time.sleep(0.2)
    os.write(fd, answer)
try:
    while True:
        piece = os.read(fd, 1000)
        if not piece: break
        shown += piece
except OSError: pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

Deno.test({
  ...requires("login: asks on a terminal, and shows no password", "root", "busybox", ...NEEDS),
  async fn() {
    await using box = await openBox();
    await using registry = await startLocked(box);
    const env = { HOME: box.work, XDG_RUNTIME_DIR: box.work };
    const { code, stdout } = await box.exec(
      ["/usr/bin/python3", "-c", TERMINAL, ...box.command("login", registry.host)],
      { env },
    );
    equal(code, 0, stdout);
    match(stdout, /^Username: me\r\nPassword: \r\nWARNING! [^]*Login Succeeded\r\n$/);
  },
});

Deno.test({
  ...requires("login: says where another login goes first", "root", "busybox", ...NEEDS),
  async fn() {
    await using box = await openBox();
    await using registry = await startLocked(box);
    const { host } = registry;
    await Deno.mkdir(`${box.work}/containers`);
    const podmans = `${box.work}/containers/auth.json`;
    await Deno.writeTextFile(podmans, JSON.stringify({ auths: { [host]: { auth: "b2xkOm9sZA==" } } }));
    const login = await atHome(box, ["login", "-u", "me", "--password-stdin", host], PASSWORD);
    match(login.stderr, new RegExp(`note: ${podmans} has another login for ${host}, and is asked first`));
    const logout = await atHome(box, ["logout", host]);
    match(logout.stderr, new RegExp(`note: ${podmans} still has a login for ${host}`));
  },
});
