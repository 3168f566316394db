/** `myctr registry serve`: others pull from it and push to it, and nothing is left of what came to nothing. */

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { chance } from "../chance.ts";
import { type Box, openBox, type Ran, type Spawned, USERS } from "../kernel/box.ts";
import { done, importRoot, storeFiles } from "./image_box.ts";
import { makeOciArchive, makeRootArchive } from "./image_maker.ts";
import { sleep } from "../kernel/robust_harness.ts";

const PUSHERS = ["busybox", "tar", "skopeo"] as const;
const TOKEN = "a-token-of-the-test";
const CREDENTIALS = `any:${TOKEN}`;

interface Served {
  readonly process: Spawned;
  /** Address and port. */
  readonly host: string;
}

async function serve(box: Box, ...flags: readonly string[]): Promise<Served> {
  const process = box.spawn(box.command("registry", "serve", "--address", "127.0.0.1:0", ...flags));
  const said = await process.until("\n");
  const [, host = ""] = /^Serving images at http:\/\/(127\.0\.0\.1:\d+)\n$/.exec(said) ?? [];
  notEqual(host, "", said);
  return { process, host };
}

async function serveWritable(box: Box): Promise<Served> {
  return await serve(box, "--writable", "--token-file", await box.write("token", `${TOKEN}\n`));
}

/** Ends it as its user does; it must have had nothing to remark. */
async function end({ process }: Served, signal: Deno.Signal = "SIGTERM"): Promise<void> {
  process.kill(signal);
  const { code, signal: killed, stdout, stderr } = await process.ended;
  deepEqual([code, killed, stderr, stdout.split("\n").length], [0, null, "", 2]);
}

function uploadsOf(box: Box): readonly string[] {
  return Array.from(Deno.readDirSync(`${box.state}/uploads`), ({ name }) => name);
}

/** Runs skopeo with no credentials but those that it is told. */
async function skopeo(box: Box, ...words: readonly string[]): Promise<Ran> {
  const env = { REGISTRY_AUTH_FILE: await box.write("no_auth.json", "{}") };
  return await box.exec(box.as("skopeo", ...words), { env });
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`registry serve: skopeo and myctr pull from it, as ${user}`, ...needs, "tar", "skopeo"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app:1", "--change", 'CMD ["echo","served"]');
      const served = await serve(box);
      await using _ = served.process;
      const digest = (await done(box.run("images", "--digests", "--format", "{{.Digest}}"))).trim();
      for (const name of ["app:1", "library/app:1", "docker.io/library/app:1", `app@${digest}`]) {
        const copy = `dir:${await Deno.makeTempDir({ dir: box.work })}`;
        await box.give(copy.slice("dir:".length));
        const flags = ["-q", "--preserve-digests", "--src-tls-verify=false"];
        await done(skopeo(box, "copy", ...flags, `docker://${served.host}/${name}`, copy));
      }
      const other = ["--root", `${box.work}/other`];
      equal(await done(box.run(...other, "run", "--rm", "-q", `${served.host}/app:1`)), "served\n");
      await done(box.run(...other, "rmi", `${served.host}/app:1`));
      const pushed = await skopeo(
        box,
        ...["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"],
        `docker://${served.host}/app:1`,
        `docker://${served.host}/new:1`,
      );
      match(pushed.stderr, /read-only/);
      await end(served);
      equal(await done(box.run("images", "-q")).then((text) => text.split("\n").length), 2);
    },
  });

  Deno.test({
    ...requires(`registry serve: skopeo and myctr push to it, as ${user}`, ...needs, "tar", "skopeo"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app:1", "--change", 'CMD ["echo","pushed"]');
      const served = await serveWritable(box);
      await using _ = served.process;
      const copy = (credentials: string, target: string) =>
        skopeo(
          box,
          ...["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"],
          ...["--src-creds", CREDENTIALS, "--dest-creds", credentials],
          `docker://${served.host}/app:1`,
          `docker://${served.host}/${target}`,
        );
      await done(copy(CREDENTIALS, "me/copied:2"));
      match(
        (await copy("any:wrong-token-of-it", "me/copied:3")).stderr,
        /unauthorized|authentication required/i,
      );
      equal(await done(box.run("run", "--rm", "me/copied:2")), "pushed\n");
      const env = { REGISTRY_AUTH_FILE: `${box.work}/auth.json` };
      const login = box.command("login", "-u", "any", "--password-stdin", served.host);
      equal((await box.exec(login, { env, stdin: TOKEN })).stdout, "Login Succeeded\n");
      notEqual((await box.exec(login, { env, stdin: "not-the-token-of-it" })).code, 0);
      const other = ["--root", `${box.work}/other`];
      await done(box.exec(box.command(...other, "pull", "-q", `${served.host}/app:1`), { env }));
      await done(box.run(...other, "tag", `${served.host}/app:1`, `${served.host}/ghcr.io/o/i:3`));
      const push = await box.exec(box.command(...other, "push", "-q", `${served.host}/ghcr.io/o/i:3`), {
        env,
      });
      deepEqual([push.code, push.stderr], [0, ""]);
      equal(await done(box.run("run", "--rm", "ghcr.io/o/i:3")), "pushed\n");
      await end(served, "SIGINT");
      deepEqual(uploadsOf(box), []);
    },
  });

  Deno.test({
    ...requires(`registry serve: what is never ended leaves nothing, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await importRoot(box, "app:1");
      const before = storeFiles(box);
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const served = await serveWritable(box);
        await using _ = served.process;
        using _body = await beginBody(served.host);
        equal(uploadsOf(box).length, 1);
        if (signal === "SIGTERM") {
          await end(served);
        } else {
          served.process.kill(signal);
          await served.process.ended;
          // The next one who adds or removes an image sweeps.
          await importRoot(box, "other:1");
          await done(box.run("rmi", "other:1"));
        }
        deepEqual(uploadsOf(box), [], signal);
      }
      deepEqual(storeFiles(box), before);
    },
  });
}

/** Begins to send a blob, by hand, and does not go on. */
async function beginBody(host: string): Promise<Disposable> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const begun = await fetch(`http://${host}/v2/app/blobs/uploads/`, { method: "POST", headers });
  await begun.body?.cancel();
  const [hostname = "", port] = host.split(":");
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [
    `PATCH ${begun.headers.get("location")} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${TOKEN}`,
    "Content-Length: 1000",
    "",
    "abc",
  ];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  await sleep(50);
  return { [Symbol.dispose]: () => connection.close() };
}

Deno.test({
  ...requires("registry serve: podman pulls from it and pushes to it", "root", "busybox", "tar", "podman"),
  async fn() {
    await using box = await openBox();
    await importRoot(box, "app:1", "--change", 'CMD ["echo","both ways"]');
    const served = await serveWritable(box);
    await using _ = served.process;
    const roots = ["--root", `${box.directory}/podman`, "--runroot", `${box.directory}/podman-run`];
    const storage = ["--storage-driver", "vfs", "--events-backend", "none"];
    const podman = (...words: readonly string[]) => box.exec(["podman", ...roots, ...storage, ...words]);
    const flags = ["-q", "--tls-verify=false", "--creds", CREDENTIALS];
    const id = (await done(podman("pull", ...flags, `${served.host}/app:1`))).trim();
    const pushed = await podman("push", ...flags, id, `${served.host}/from/podman:1`);
    equal(pushed.code, 0, pushed.stderr);
    equal(await done(box.run("run", "--rm", "from/podman:1")), "both ways\n");
    equal((await done(box.run("images", "-q", "--no-trunc", "from/podman"))).trim(), `sha256:${id}`);
    await end(served);
  },
});

Deno.test({
  ...requires(
    "registry serve: its token is another one each time, and is told to nobody else",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    const tokens = new Set<string>();
    for (let run = 0; run < 2; run++) {
      const { process, host } = await serve(box, "--writable");
      await using _ = process;
      equal((await answer(host, "GET /v2/ HTTP/1.1")).slice(0, 12), "HTTP/1.1 401");
      process.kill("SIGTERM");
      const { stdout, stderr } = await process.ended;
      const [, token = ""] = /^myctr: note: .*: ([\w-]{32})\n$/.exec(stderr) ?? [];
      notEqual(token, "", stderr);
      ok(!stdout.includes(token));
      tokens.add(token);
    }
    equal(tokens.size, 2);
  },
});

Deno.test({
  ...requires("registry serve: killed while images come, the store is as it should be", "root", ...PUSHERS),
  async fn() {
    await using box = await openBox();
    const layers = Array.from(
      { length: 12 },
      (_, index) => ({ [`file${index}`]: String(index).repeat(5000) }),
    );
    const archive = await makeOciArchive(`${box.directory}/a.tar`, { name: "a:1", layers });
    const next = chance(1);
    let wholeMs = 0;
    for (let run = 0; run < 6; run++) {
      const served = await serveWritable(box);
      await using _ = served.process;
      const begun = performance.now();
      const pushing = box.exec([
        ...["skopeo", "copy", "-q", "--dest-tls-verify=false", "--dest-creds", CREDENTIALS],
        ...[`oci-archive:${archive}`, `docker://${served.host}/a:${run}`],
      ]);
      // The first one comes to its end, and tells how long that takes.
      if (run === 0) {
        await pushing;
        wholeMs = performance.now() - begun;
      } else {
        await sleep(wholeMs * next());
      }
      served.process.kill("SIGKILL");
      await Promise.all([pushing, served.process.ended]);
      await checkNamed(box);
      await box.run("rmi", "-f", `a:${run}`);
    }
    await done(box.run("import", await makeRootArchive(`${box.directory}/root.tar`, box.rootfs), "last:1"));
    await done(box.run("rmi", "last:1"));
    deepEqual([uploadsOf(box), storeFiles(box)], [[], []]);
  },
});

/** Each named image has all its blobs, and they have the digests that they shall have. */
async function checkNamed(box: Box): Promise<void> {
  const read = (digest: string) =>
    Deno.readFile(`${box.state}/blobs/sha256/${digest.slice("sha256:".length)}`);
  const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  const names = Array.from(Deno.readDirSync(box.state), ({ name }) => name);
  if (!names.includes("index.json")) return;
  for (const { digest } of json(await Deno.readFile(`${box.state}/index.json`)).manifests) {
    const { config, layers } = json(await read(digest));
    for (const each of [digest, config.digest, ...layers.map((layer: { digest: string }) => layer.digest)]) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await read(each)));
      equal(`sha256:${hash.toHex()}`, each);
    }
  }
}

/** Sends one line of a request, as it is; gives what comes back. */
async function answer(host: string, line: string, name: string = host): Promise<string> {
  const [hostname = "", port] = host.split(":");
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [line, `Host: ${name}`, "Connection: close", "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text();
}

Deno.test({
  ...requires("registry serve: nothing of the machine is read by way of it", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await importRoot(box, "app:1");
    const served = await serve(box);
    await using _ = served.process;
    for (
      const path of [
        "/v2/../../index.json",
        "/v2/%2e%2e/%2e%2e/index.json",
        "/v2/app/blobs/../../index.json",
        "/v2/app/blobs/sha256:..%2f..%2findex.json",
        "/v2/app/manifests/..%2f..%2findex.json",
        "//etc/passwd",
        "/v2/app/blobs/sha256%3A..%2F..%2Findex.json",
        "/v2/app\\..\\x/tags/list",
      ]
    ) {
      match(await answer(served.host, `GET ${path} HTTP/1.1`), /^HTTP\/1\.1 40[04] [^]*"errors"/, path);
    }
    match(await answer(served.host, "GET /v2/_catalog HTTP/1.1", "rebound.example.com"), /^HTTP\/1\.1 403 /);
    match(await answer(served.host, "GET /v2/_catalog HTTP/1.1"), /\{"repositories":\["app"\]\}/);
    await end(served);
  },
});

const REFUSED: readonly (readonly [flags: readonly string[], message: RegExp])[] = [
  [["--address", "5000"], /Cannot listen at "5000": it is not ADDRESS:PORT/],
  [["--address", "0.0.0.0:0"], /Cannot listen at 0\.0\.0\.0: others than this machine could ask there/],
  [["--address", "[::]:0", "--writable"], /others than this machine could ask there/],
  [["--token-file", "missing"], /Cannot read token file "missing": it does not exist/],
  [["--token-file", "short"], /Cannot use token file "short": it is not one word of 16 characters or more/],
  [["--address", "127.0.0.1:TAKEN"], /Cannot listen at 127\.0\.0\.1:\d+: another program listens there/],
];

Deno.test({
  ...requires("registry serve: what can't be served is said at once, and nothing is left", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await box.write("short", "secret\n");
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    for (const [flags, message] of REFUSED) {
      const words = flags.map((flag) => flag.replace("TAKEN", String(taken.addr.port)));
      const { code, stdout, stderr } = await box.run("registry", "serve", ...words);
      deepEqual([code, stdout], [125, ""], words.join(" "));
      match(stderr, message);
    }
    const remote = await serve(box, "--allow-remote");
    await using _ = remote.process;
    remote.process.kill("SIGTERM");
    match((await remote.process.ended).stderr, /^myctr: note: what is sent is not encrypted/);
  },
});
