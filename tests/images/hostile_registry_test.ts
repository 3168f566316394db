/** Registries that lie, cut, never end or lead elsewhere: a clear error each, and nothing of it stays in the store. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox } from "../kernel/box.ts";
import { type Bend, digestOf, FakeRegistry, type ServedImage } from "./fake_registry.ts";
import { done, storeFiles } from "./image_box.ts";
import { makeLayer } from "./image_maker.ts";

interface Row {
  readonly name: string;
  readonly image?: Partial<ServedImage>;
  /** How answers are bent, of that registry and with that box. */
  readonly bend?: (registry: FakeRegistry) => Bend;
  readonly stderr: RegExp;
}

const isBlob = (path: string) => path.includes("/blobs/");
const redirect = (location: string) => new Response(null, { status: 302, headers: { location } });
const challenged = (value: string) =>
  new Response("{}", { status: 401, headers: { "www-authenticate": value } });
const OTHER_DIGEST = `sha256:${"0".repeat(64)}`;

/** Changes the descriptor of the first layer. */
function firstLayer(change: Record<string, unknown>): Partial<ServedImage> {
  return {
    manifest: (right) => {
      const [first, ...more] = right.layers as Record<string, unknown>[];
      return { ...right, layers: [{ ...first, ...change }, ...more] };
    },
  };
}

function endless(): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    }),
  );
}

const ROWS: readonly Row[] = [
  {
    name: "other bytes under a digest",
    bend: () => ({ path }, usual) =>
      isBlob(path) ? usual().bytes().then((bytes) => new Response(bytes.fill(1))) : undefined,
    stderr: /Cannot use sha256:[0-9a-f]{64}: what came has the digest sha256:/,
  },
  {
    name: "a size that is too small",
    image: firstLayer({ size: 100 }),
    stderr: /it has more than 100 bytes/,
  },
  {
    name: "a size that is too large",
    image: firstLayer({ size: 100_000_000 }),
    stderr: /Cannot (reach registry .*: it ends before the blob does|get sha256)/,
  },
  {
    name: "a size that is none",
    image: firstLayer({ size: -1 }),
    stderr: /the size of sha256:.* is missing/,
  },
  {
    name: "a wrong diff_id",
    image: { diffIds: [OTHER_DIGEST] },
    stderr: /its content has the digest sha256:.*, not sha256:0000/,
  },
  { name: "fewer diff_ids than layers", image: { diffIds: [] }, stderr: /not as many layers as diff_ids/ },
  {
    name: "a digest that leads out",
    image: firstLayer({ digest: "sha256:../../../../x" }),
    stderr: /is no digest/,
  },
  {
    name: "bodies without end",
    bend: () => ({ path }) => isBlob(path) ? endless() : undefined,
    stderr: /it has more than \d+ bytes/,
  },
  {
    name: "a manifest without end",
    bend: () => ({ path, method }) =>
      path.includes("/manifests/") && method === "GET" ? endless() : undefined,
    stderr: /gives a manifest of more than 4194304 bytes/,
  },
  {
    name: "a manifest that is no JSON",
    bend: () => ({ path, method }) =>
      path.includes("/manifests/") && method === "GET" ? new Response("{") : undefined,
    stderr: /it is no JSON/,
  },
  {
    name: "another manifest than it says",
    bend: () => ({ path }, usual) =>
      path.includes("/manifests/")
        ? new Response(usual().body, { headers: { "docker-content-digest": OTHER_DIGEST } })
        : undefined,
    stderr: /gives sha256:[0-9a-f]{64} as sha256:0000/,
  },
  {
    name: "no image at all",
    image: { manifest: () => ({ schemaVersion: 1, name: "app" }) },
    stderr: /manifest of another version/,
  },
  {
    name: "a chart",
    image: firstLayer({ mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip" }),
    stderr: /its type is "application\/vnd.cncf.helm/,
  },
  {
    name: "a thousand layers",
    image: { manifest: (right) => ({ ...right, layers: Array(1000).fill((right.layers as unknown[])[0]) }) },
    stderr: /more than 127 layers/,
  },
  {
    name: "redirects without end",
    bend: (registry) => ({ path }) => redirect(`http://${registry.host}${path}`),
    stderr: /redirects without end/,
  },
  {
    name: "a redirect into a file",
    bend: () => () => redirect("file:///etc/passwd"),
    stderr: /refers to file:\/\/, which is not safe/,
  },
  {
    name: "a redirect from this machine to another without HTTPS",
    bend: () => () => redirect("http://192.0.2.1/v2/"),
    stderr: /refers to http:\/\/192\.0\.2\.1, which is not safe/,
  },
  {
    name: "a token that is never enough",
    bend: (registry) => ({ path }) =>
      path.startsWith("/token")
        ? Response.json({ token: "useless" })
        : challenged(`Bearer realm="http://${registry.host}/token"`),
    stderr: /the registry answers 401/,
  },
  {
    name: "a service for tokens that is not safe",
    bend: () => () => challenged('Bearer realm="http://192.0.2.1/token"'),
    stderr: /names no safe service for its tokens/,
  },
  {
    name: "a token with line breaks",
    bend: (registry) => ({ path }) =>
      path.startsWith("/token")
        ? Response.json({ token: "a\r\nX-Evil: 1" })
        : challenged(`Bearer realm="http://${registry.host}/token"`),
    stderr: /gives no token/,
  },
  {
    name: "a message with control characters",
    bend: () => () =>
      Response.json({ errors: [{ code: "DENIED", message: "\x1b[2Jgone" }] }, { status: 403 }),
    stderr: /denied, \\u\{1b\}\[2jgone/,
  },
];

for (const { name, image, bend, stderr } of ROWS) {
  Deno.test({
    ...requires(`hostile registry: ${name}`, "root", "busybox", "tar"),
    async fn() {
      await using box = await openBox();
      await using registry = new FakeRegistry();
      await registry.add({
        repository: "app",
        tag: "1",
        layers: [await makeLayer({ file: "x\n" })],
        ...image,
      });
      if (bend !== undefined) registry.bend = bend(registry);
      const ran = await box.run("pull", `${registry.host}/app:1`);
      deepEqual([ran.code, ran.stdout], [125, ""]);
      match(ran.stderr, stderr);
      match(ran.stderr, /\n {2}hint {2}/);
      ok(!ran.stderr.includes("Internal error"), ran.stderr);
      await nothingIsLeft(box);
    },
  });
}

/** What is cut short may stay for the next one, who goes on with it; nothing else. */
async function nothingIsLeft(box: Box): Promise<void> {
  equal(await done(box.run("images", "-q")), "");
  const left = storeFiles(box).filter((file) => !file.startsWith("blobs/.part-"));
  deepEqual(left, []);
}

Deno.test({
  ...requires("hostile registry: a layer whose names lead out of it", "root", "busybox", "tar"),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    const evil = await run("python3", "-c", EVIL_TAR);
    equal((await digestOf(evil)).length, 71);
    await registry.add({ repository: "app", tag: "1", layers: [evil] });
    const ran = await box.run("run", "--rm", `${registry.host}/app:1`);
    equal(ran.code, 125);
    match(ran.stderr, /leads out of the archive/);
    await nothingIsLeft(box);
  },
});

const EVIL_TAR = `
import io, sys, tarfile
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
    info = tarfile.TarInfo("a/../../../../../../tmp/evil")
    info.size = 1
    tar.addfile(info, io.BytesIO(b"x"))
`;

async function run(command: string, ...args: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { code, stdout } = await new Deno.Command(command, { args: [...args] }).output();
  equal(code, 0);
  return stdout;
}
