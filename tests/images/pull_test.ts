/** Images pulled from a registry: what is asked of it, how often, and what comes of answers that are cut or late. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "../kernel/box.ts";
import { FakeRegistry, type ServedImage } from "./fake_registry.ts";
import { done, storeFiles } from "./image_box.ts";
import { makeLayer } from "./image_maker.ts";
import { sleep } from "../kernel/robust_harness.ts";

/** Serves busybox with one more layer, which has a file of random bytes. */
async function serveApp(box: Box, registry: FakeRegistry, image: Partial<ServedImage> = {}): Promise<string> {
  const layers = [
    await makeLayer({ directory: box.rootfs }),
    await makeLayer({ "d/file": "from the registry\n" }),
  ];
  return await registry.add({
    repository: "app",
    tag: "1",
    layers,
    config: { Cmd: ["cat", "/d/file"] },
    ...image,
  });
}

const blobGets = ({ lines }: FakeRegistry) => lines.filter((line) => line.startsWith("GET /v2/app/blobs/"));

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`pull: run pulls what is missing, once, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await using registry = new FakeRegistry();
      const digest = await serveApp(box, registry);
      const name = `${registry.host}/app:1`;
      const first = await box.run("run", "--rm", name);
      deepEqual([first.code, first.stdout], [0, "from the registry\n"], first.stderr);
      match(first.stderr, /^myctr: note: image .* is not there yet: pulling it\n1: Pulling from app\n/);
      equal(first.stderr.match(/^[0-9a-f]{12}: Pull complete$/gm)?.length, 2);
      const asked = registry.lines.length;
      deepEqual([await done(box.run("run", "--rm", name)), registry.lines.length], [
        "from the registry\n",
        asked,
      ]);

      const again = await box.run("pull", name);
      deepEqual([again.code, again.stdout], [0, `${name}\n`]);
      equal(again.stderr, `Digest: ${digest}\nStatus: Image is up to date for ${name}\n`);
      registry.hasDigests = false;
      equal(
        (await box.run("pull", name)).stderr.split("\n").at(-2),
        `Status: Image is up to date for ${name}`,
      );
      equal(blobGets(registry).length, 3);
      ok(blobGets(registry).every((line) => registry.count(line) === 1), registry.lines.join("\n"));

      // Under the tag stands something else now.
      await serveApp(box, registry, { config: { Cmd: ["echo", "newer"] } });
      equal(await done(box.run("run", "--rm", name)), "from the registry\n");
      equal(await done(box.run("pull", "-q", name)), `${name}\n`);
      equal(await done(box.run("run", "--rm", name)), "newer\n");
      const old = `${registry.host}/app@${digest}`;
      equal(await done(box.run("run", "-q", "--rm", old)), "from the registry\n");
      equal(await done(box.run("rmi", old)).then((text) => text.split("\n")[0]), `Untagged: ${old}`);
    },
  });
}

Deno.test({
  ...requires("pull: --pull always asks, never does not", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await serveApp(box, registry);
    const name = `${registry.host}/app:1`;
    const never = await box.run("run", "--rm", "--pull", "never", name);
    deepEqual([never.code, registry.lines], [125, []]);
    match(never.stderr, /it is not in the store/);
    equal(await done(box.run("run", "--rm", "-q", "--pull=always", name)), "from the registry\n");
    await serveApp(box, registry, { config: { Cmd: ["echo", "newer"] } });
    equal(await done(box.run("run", "--rm", "-q", "--pull=always", name)), "newer\n");
    equal(await done(box.run("run", "--rm", "-q", "--pull=never", name)), "newer\n");
  },
});

Deno.test({
  ...requires(
    "pull: of a list, the image of this machine, or of the one that was asked for",
    "root",
    "busybox",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    const own = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
    const manifests = [];
    for (const [architecture, variant] of [[own, ""], ["riscv64", ""], ["arm", "v7"], ["arm", "v6"]]) {
      const tag = `${architecture}${variant}`;
      const digest = await serveApp(box, registry, { tag, config: { Cmd: ["echo", tag] } });
      const size = (await (await fetch(`http://${registry.host}/v2/app/manifests/${tag}`)).bytes()).length;
      const mediaType = "application/vnd.oci.image.manifest.v1+json";
      manifests.push({
        mediaType,
        digest,
        size,
        platform: { os: "linux", architecture, ...(variant && { variant }) },
      });
    }
    const list = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
    const digest = await registry.addManifest("app", "all", new TextEncoder().encode(JSON.stringify(list)));
    const name = `${registry.host}/app:all`;
    equal(await done(box.run("run", "--rm", "-q", name)), `${own}\n`);
    match((await box.run("pull", name)).stderr, new RegExp(`Digest: ${digest}\nStatus: Image is up to date`));
    equal(await done(box.run("run", "--rm", "-q", `${registry.host}/app@${digest}`)), `${own}\n`);
    const format = "{{json .Config.Cmd}}";
    for (
      const [platform, expected] of [["linux/arm/v6", "armv6"], ["linux/arm", "armv7"], [
        "riscv64",
        "riscv64",
      ]]
    ) {
      await box.run("pull", "-q", "--platform", platform!, name);
      await done(box.run("create", "--name", "made", "--pull", "never", name));
      equal(await done(box.run("inspect", "-f", format, "made")), `["echo","${expected}"]\n`);
      await done(box.run("rm", "made"));
    }
    const none = await box.run("pull", "--platform", "linux/s390x", name);
    equal(none.code, 125);
    match(none.stderr, /there is nothing for linux\/s390x\n {2}hint {2}It is there for .*linux\/arm\/v6/);
  },
});

Deno.test({
  ...requires("pull: what was cut goes on from where it ended", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await serveApp(box, registry);
    const ranges: string[] = [];
    registry.bend = ({ path, headers, before }, usual) => {
      if (!path.includes("/blobs/")) return undefined;
      const range = headers.get("range");
      if (range !== null) ranges.push(range);
      return before === 0 ? cutInHalf(usual()) : undefined;
    };
    const { code, stdout } = await box.run("run", "--rm", `${registry.host}/app:1`);
    deepEqual([code, stdout], [0, "from the registry\n"]);
    ok(ranges.length >= 3 && ranges.every((range) => /^bytes=[1-9]\d*-$/.test(range)), ranges.join(" "));
  },
});

function cutInHalf({ body, status, headers }: Response): Response {
  const length = { sent: 0 };
  return new Response(
    body!.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          const half = chunk.subarray(0, Math.ceil(chunk.length / 2));
          length.sent += half.length;
          controller.enqueue(half);
          controller.terminate();
        },
      }),
    ),
    { status, headers },
  );
}

Deno.test({
  ...requires("pull: one that was killed leaves what had come to the next one", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await serveApp(box, registry);
    const ranges: string[] = [];
    registry.bend = ({ path, headers, before }, usual) => {
      if (!path.includes("/blobs/")) return undefined;
      ranges.push(headers.get("range") ?? "all");
      const isLayer = registry.lines.filter((line) => line.includes("/blobs/"))[0] !== `GET ${path}`;
      return before === 0 && isLayer ? slow(usual()) : undefined;
    };
    const name = `${registry.host}/app:1`;
    const client = box.spawn(box.command("pull", name));
    const blobs = `${box.state}/blobs`;
    const hasCome = () =>
      Array.from(exists(blobs) ? Deno.readDirSync(blobs) : [])
        .some(({ name }) => name.startsWith(".part-") && sizeOf(`${blobs}/${name}`) === SLOW_PIECE);
    while (!hasCome()) await sleep(5);
    client.kill("SIGKILL");
    await client.ended;
    equal(await done(box.run("images", "-q")), "");
    registry.bend = ({ path, headers }) => {
      if (path.includes("/blobs/")) ranges.push(headers.get("range") ?? "all");
      return undefined;
    };
    const before = ranges.length;
    deepEqual((await box.run("run", "--rm", "-q", name)).stdout, "from the registry\n");
    ok(ranges.slice(before).some((range) => range.startsWith("bytes=")), ranges.join(" "));
  },
});

/** What has come of a layer, and never of a configuration: that comes whole. */
const SLOW_PIECE = 500;

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** Sends one piece, and keeps the rest back. */
function slow({ body, status, headers }: Response): Response {
  const reader = body!.getReader();
  return new Response(
    new ReadableStream<Uint8Array>({
      async start(controller) {
        const { value } = await reader.read();
        controller.enqueue(value!.subarray(0, SLOW_PIECE));
      },
      pull: () => new Promise(() => {}),
    }),
    { status, headers },
  );
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  ...requires("pull: eight at once fetch each blob once", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    const shared = await makeLayer({ directory: box.rootfs });
    for (let n = 0; n < 8; n++) {
      const own = await makeLayer({ [`own-${n}`]: `${n}\n` });
      await registry.add({
        repository: "app",
        tag: `${n}`,
        layers: [shared, own],
        config: { Cmd: ["cat", `/own-${n}`] },
      });
    }
    const ran = await Promise.all(
      Array.from({ length: 8 }, (_, n) => done(box.run("run", "--rm", "-q", `${registry.host}/app:${n}`))),
    );
    deepEqual(ran, Array.from({ length: 8 }, (_, n) => `${n}\n`));
    const counts = blobGets(registry).map((line) => registry.count(line));
    deepEqual(counts, counts.map(() => 1));
    equal(counts.length, 8 + 8 + 1);
  },
});

Deno.test({
  ...requires("pull: a registry that is busy is asked again", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await serveApp(box, registry);
    registry.bend = ({ before, method }) =>
      method === "GET" && before < 2
        ? new Response("busy", { status: [429, 503][before]!, headers: { "retry-after": "0" } })
        : undefined;
    equal(await done(box.run("run", "--rm", "-q", `${registry.host}/app:1`)), "from the registry\n");
  },
});

/** Asks for tokens; gives them to who knows the password. */
function guard(registry: FakeRegistry, seen: string[]): void {
  const basic = `Basic ${btoa("me:secret")}`;
  registry.bend = ({ path, headers }) => {
    const authorization = headers.get("authorization");
    if (path.startsWith("/token")) {
      seen.push(`token ${new URLSearchParams(path.split("?")[1]).get("scope")} ${authorization === basic}`);
      return authorization === basic
        ? Response.json({ token: "good" })
        : Response.json({ errors: [{ code: "UNAUTHORIZED", message: "wrong password" }] }, { status: 401 });
    }
    if (authorization === "Bearer good") return undefined;
    const challenge =
      `Bearer realm="http://${registry.host}/token",service="test",scope="repository:app:pull"`;
    return new Response("{}", { status: 401, headers: { "www-authenticate": challenge } });
  };
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`pull: a password buys a token, which buys the image, as ${user}`, ...needs, "tar"),
    async fn() {
      await using box = await openBox({ user });
      await using registry = new FakeRegistry();
      await serveApp(box, registry);
      const seen: string[] = [];
      guard(registry, seen);
      const name = `${registry.host}/app:1`;
      const pull = box.command("pull", "-q", name);
      const stranger = await box.exec(pull, { env: { REGISTRY_AUTH_FILE: `${box.work}/none` } });
      equal(stranger.code, 125);
      match(stranger.stderr, /unauthorized, wrong password\n {2}hint .*"myctr login 127/);
      const auths = { auths: { [registry.host]: { auth: btoa("me:secret") } } };
      const file = await box.write("auth.json", JSON.stringify(auths));
      const known = await box.exec(pull, { env: { REGISTRY_AUTH_FILE: file } });
      deepEqual([known.code, known.stdout, known.stderr], [0, `${name}\n`, ""]);
      deepEqual(seen, ["token repository:app:pull false", "token repository:app:pull true"]);
    },
  });
}

Deno.test({
  ...requires("pull: whoever a registry refers to is not told the password", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await using other = new FakeRegistry();
    for (const each of [registry, other]) await serveApp(box, each);
    const told: (string | null)[] = [];
    other.bend = ({ headers }) => (told.push(headers.get("authorization")), undefined);
    registry.bend = ({ path, headers }) => {
      const isKnown = headers.get("authorization") === `Basic ${btoa("me:secret")}`;
      if (!isKnown) {
        return new Response(null, { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } });
      }
      if (!path.includes("/blobs/")) return undefined;
      return new Response(null, { status: 307, headers: { location: `http://${other.host}${path}` } });
    };
    const auths = { auths: { [registry.host]: { auth: btoa("me:secret") } } };
    const REGISTRY_AUTH_FILE = await box.write("auth.json", JSON.stringify(auths));
    const ran = await box.exec(box.command("run", "--rm", "-q", `${registry.host}/app:1`), {
      env: { REGISTRY_AUTH_FILE },
    });
    deepEqual([ran.code, ran.stdout, ran.stderr], [0, "from the registry\n", ""]);
    deepEqual(told, [null, null, null]);
    ok(storeFiles(box).length > 0);
  },
});

Deno.test({
  ...requires("pull: mirrors are asked before the registry, and aliases are names", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    await serveApp(box, registry, { repository: "mirrored/app" });
    const CONTAINERS_REGISTRIES_CONF = await box.write(
      "registries.conf",
      `[[registry]]
      prefix = "example.test/team"
      location = "example.test/team"
      [[registry.mirror]]
      location = "${registry.host}/empty"
      [[registry.mirror]]
      location = "${registry.host}/mirrored"
      [[registry]]
      prefix = "example.test/blocked"
      blocked = true
      [aliases]
      "short" = "example.test/team/app"`,
    );
    const run = (...words: readonly string[]) =>
      box.exec(box.command(...words), { env: { CONTAINERS_REGISTRIES_CONF } });
    const pulled = await run("pull", "short:1");
    deepEqual([pulled.code, pulled.stdout], [0, "example.test/team/app:1\n"], pulled.stderr);
    match(pulled.stderr, /note: Cannot pull example.test\/team\/app:1: .*: trying 127/);
    equal(registry.count("GET /v2/empty/app/manifests/1"), 1);
    for (const name of ["short:1", "example.test/team/app:1"]) {
      deepEqual((await run("run", "--rm", "--pull=never", name)).stdout, "from the registry\n");
    }
    const blocked = await run("pull", "example.test/blocked/app");
    equal(blocked.code, 125);
    match(blocked.stderr, /blocked/);
  },
});
