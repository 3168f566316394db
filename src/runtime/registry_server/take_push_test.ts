/** Tests of take_push.ts and take_manifest.ts: what comes into the store, and that nothing else does. */

import { deepEqual, equal } from "node:assert/strict";
import { MEDIA } from "../../image/manifest.ts";
import { readImage } from "../find_image.ts";
import { sampleBlob, type SampleImage, sampleImage } from "./_sample_image.ts";
import { SampleRegistry, type Told } from "./_sample_registry.ts";
import { sweepUploads } from "./sweep_uploads.ts";

const SHA = `sha256:${"ab".repeat(32)}`;

function statusAndCode({ status, code }: Told): [number, string | undefined] {
  return [status, code];
}

Deno.test("takePush() takes an image that comes in one piece, and leaves nothing else", async () => {
  using registry = new SampleRegistry();
  const image = await sampleImage("layer");
  const { status, headers } = await registry.push("me/app", "1", image);
  deepEqual([status, headers.get("docker-content-digest")], [201, image.manifest.digest]);
  equal(headers.get("location"), `/v2/me/app/manifests/${image.manifest.digest}`);
  const [named] = registry.store.list();
  equal(named?.name, "docker.io/me/app:1");
  equal(readImage(registry.store, named!.manifest).id, image.config.digest);
  const names = [image.config, image.layer, image.manifest].map(({ digest }) => `blobs/${digest.slice(7)}`);
  deepEqual([...registry.files()].sort(), names.sort());
});

Deno.test("takePush() takes a blob in parts, and tells how far it has come", async () => {
  using registry = new SampleRegistry();
  const blob = await sampleBlob("0123456789");
  const location = await registry.begin("a");
  const patch = (text: string, range?: string) =>
    registry.ask(location, {
      method: "PATCH",
      body: text,
      headers: range === undefined ? {} : { "content-range": range },
    });
  const first = await patch("0123", "0-3");
  deepEqual([first.status, first.headers.get("range"), first.headers.get("location")], [
    202,
    "0-3",
    location,
  ]);
  const gap = await patch("6789", "6-9");
  deepEqual([...statusAndCode(gap), gap.headers.get("range")], [416, "BLOB_UPLOAD_INVALID", "0-3"]);
  equal((await patch("45", "bytes 4-5/10")).status, 202);
  const state = await registry.ask(location);
  deepEqual([state.status, state.headers.get("range")], [204, "0-5"]);
  const end = await registry.ask(`${location}?digest=${blob.digest}`, { method: "PUT", body: "6789" });
  deepEqual([end.status, end.headers.get("docker-content-digest")], [201, blob.digest]);
  equal((await registry.ask(`/v2/a/blobs/${blob.digest}`)).text, "0123456789");
  equal((await registry.ask(location)).code, "BLOB_UPLOAD_UNKNOWN");
});

Deno.test("takePush() mounts what is there, and begins an upload of what is not", async () => {
  using registry = new SampleRegistry();
  const image = await sampleImage("layer");
  await registry.push("a", "1", image);
  const mount = (digest: string) =>
    registry.ask(`/v2/b/blobs/uploads/?mount=${digest}&from=a`, { method: "POST" });
  const there = await mount(image.layer.digest);
  deepEqual([there.status, there.headers.get("location")], [201, `/v2/b/blobs/${image.layer.digest}`]);
  const missing = await mount(SHA);
  deepEqual([missing.status, missing.headers.get("location")?.startsWith("/v2/b/blobs/uploads/")], [
    202,
    true,
  ]);
  equal((await registry.pushManifest("b", "1", image.manifest)).status, 201);
});

Deno.test("takePush() takes an image by its digest", async () => {
  using registry = new SampleRegistry();
  const image = await sampleImage("layer");
  const { digest } = image.manifest;
  equal((await registry.push("a", digest, image)).status, 201);
  equal(registry.store.list()[0]?.name, `docker.io/library/a@${digest}`);
  equal((await registry.ask(`/v2/a/manifests/${digest}`)).status, 200);
  deepEqual(statusAndCode(await registry.pushManifest("a", SHA, image.manifest)), [400, "DIGEST_INVALID"]);
});

Deno.test("takePush() gives a tag to the image that came last", async () => {
  using registry = new SampleRegistry();
  const [first, second] = [await sampleImage("1"), await sampleImage("2")];
  for (const image of [first, second]) equal((await registry.push("a", "1", image)).status, 201);
  const { headers } = await registry.ask("/v2/a/manifests/1");
  equal(headers.get("docker-content-digest"), second.manifest.digest);
});

type Damage = Parameters<typeof sampleImage>[1];

const DAMAGES: readonly (readonly [why: string, damage: Damage, code: string])[] = [
  ["a configuration that is none", (document, value) => {
    if (document === "config") delete value.rootfs;
  }, "MANIFEST_INVALID"],
  ["a diff_id that is none", (document, value) => {
    if (document === "config") value.rootfs = { diff_ids: ["../../etc"] };
  }, "MANIFEST_INVALID"],
  ["another version", (document, value) => {
    if (document === "manifest") value.schemaVersion = 1;
  }, "MANIFEST_INVALID"],
  ["another media type", (document, value) => {
    if (document === "manifest") value.mediaType = "application/x-tar";
  }, "MANIFEST_INVALID"],
  ["a configuration of something else", (document, value) => {
    if (document === "manifest") {
      value.config = { ...value.config as object, mediaType: "application/x-chart" };
    }
  }, "MANIFEST_INVALID"],
  ["a layer that is to be fetched elsewhere", (document, value) => {
    if (document !== "manifest") return;
    (value.layers as { mediaType: string }[])[0]!.mediaType =
      "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  }, "MANIFEST_INVALID"],
  ["a list of machines", (document, value) => {
    if (document === "manifest") value.mediaType = MEDIA.index;
  }, "UNSUPPORTED"],
  ["a layer whose digest leads elsewhere", (document, value) => {
    if (document === "manifest") {
      value.layers = [{ mediaType: MEDIA.layer, digest: "sha256:../../x", size: 1 }];
    }
  }, "MANIFEST_INVALID"],
  ["a layer that nobody pushed", (document, value) => {
    if (document === "manifest") value.layers = [{ mediaType: MEDIA.layer, digest: SHA, size: 1 }];
  }, "MANIFEST_BLOB_UNKNOWN"],
  ["a layer of another size", (document, value) => {
    if (document === "manifest") (value.layers as { size: number }[])[0]!.size++;
  }, "MANIFEST_INVALID"],
  ["too many layers", (document, value) => {
    if (document === "manifest") value.layers = Array(200).fill((value.layers as unknown[])[0]);
  }, "MANIFEST_INVALID"],
];

for (const [why, damage, code] of DAMAGES) {
  Deno.test(`takePush() refuses an image with ${why}, and the store stays as it was`, async () => {
    using registry = new SampleRegistry();
    const good = await sampleImage("good");
    await registry.push("a", "1", good);
    const before = registry.files();
    const told = await registry.push("a", "1", await sampleImage("bad", damage));
    deepEqual(statusAndCode(told), [400, code]);
    const inStore = registry.files().filter((name) => name.startsWith("blobs/"));
    deepEqual([...inStore].sort(), [...before].sort());
    equal(
      (await registry.ask("/v2/a/manifests/1")).headers.get("docker-content-digest"),
      good.manifest.digest,
    );
  });
}

const BODIES:
  readonly (readonly [why: string, body: string | Uint8Array<ArrayBuffer>, status: number, code: string])[] =
    [
      ["no JSON", "{", 400, "MANIFEST_INVALID"],
      ["nothing", "", 400, "MANIFEST_INVALID"],
      ["null", "null", 400, "MANIFEST_INVALID"],
      ["no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400, "MANIFEST_INVALID"],
      ["5 MiB", " ".repeat(5 * 1024 * 1024), 413, "SIZE_INVALID"],
      ["a list without a type", '{"schemaVersion":2,"manifests":[]}', 400, "UNSUPPORTED"],
    ];

for (const [why, body, status, code] of BODIES) {
  Deno.test(`takePush() refuses a manifest of ${why}`, async () => {
    using registry = new SampleRegistry();
    const told = await registry.ask("/v2/a/manifests/1", { method: "PUT", body });
    deepEqual(statusAndCode(told), [status, code]);
    deepEqual(registry.files(), []);
  });
}

Deno.test("takePush() refuses a blob with another digest, and leaves nothing of it", async () => {
  using registry = new SampleRegistry();
  const blob = await sampleBlob("right");
  const told = await registry.pushBlob("a", { ...blob, bytes: new TextEncoder().encode("wrong") });
  deepEqual(statusAndCode(told), [400, "DIGEST_INVALID"]);
  deepEqual(registry.files(), []);
  equal((await registry.ask(`/v2/a/blobs/${blob.digest}`)).status, 404);
});

const WRONG_DIGESTS = ["", "sha256:12", "sha512:" + "a".repeat(128), "sha256:../../../index.json", "md5:x"];

for (const digest of WRONG_DIGESTS) {
  Deno.test(`takePush() refuses an upload that shall be ${digest.slice(0, 30) || "nothing"}`, async () => {
    using registry = new SampleRegistry();
    const location = await registry.begin("a");
    const path = `${location}?digest=${encodeURIComponent(digest)}`;
    deepEqual(statusAndCode(await registry.ask(path, { method: "PUT", body: "x" })), [400, "DIGEST_INVALID"]);
  });
}

Deno.test("takePush() ends a blob that grows too large, and leaves nothing of it", async () => {
  using registry = new SampleRegistry({ limits: { blob: 100 } });
  const location = await registry.begin("a");
  equal((await registry.ask(location, { method: "PATCH", body: "x".repeat(100) })).status, 202);
  deepEqual(statusAndCode(await registry.ask(location, { method: "PATCH", body: "x" })), [
    413,
    "SIZE_INVALID",
  ]);
  deepEqual(registry.files(), []);
});

Deno.test("takePush() keeps a limited number of uploads, until they are given up", async () => {
  using registry = new SampleRegistry({ limits: { uploads: 2, idleMs: 1000 } });
  const locations = [await registry.begin("a"), await registry.begin("a")];
  const begin = () => registry.ask("/v2/a/blobs/uploads/", { method: "POST" });
  deepEqual(statusAndCode(await begin()), [429, "TOOMANYREQUESTS"]);
  equal((await registry.ask(locations[0]!, { method: "DELETE" })).status, 204);
  equal((await begin()).status, 202);
  registry.area.expire(Date.now() + 2000);
  deepEqual(registry.files(), []);
  equal((await registry.ask(locations[1]!)).code, "BLOB_UPLOAD_UNKNOWN");
});

Deno.test("takePush() gives up a body that does not go on, and keeps what broke off for who continues", async () => {
  using registry = new SampleRegistry({ limits: { idleMs: 1000 } });
  const [broken, silent] = [await registry.begin("a"), await registry.begin("a")];
  const parts = ["abc", "def"];
  const cut = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = parts.shift();
      if (part === undefined) controller.error(new Error("gone"));
      else controller.enqueue(new TextEncoder().encode(part));
    },
  }, { highWaterMark: 0 });
  equal((await registry.ask(broken, { method: "PATCH", body: cut })).code, "BLOB_UPLOAD_INVALID");
  equal((await registry.ask(broken)).headers.get("range"), "0-5");
  let write = (_text: string): void => {};
  const open = new ReadableStream<Uint8Array>({
    start: (controller) => void (write = (text) => controller.enqueue(new TextEncoder().encode(text))),
  });
  const waiting = registry.ask(silent, { method: "PATCH", body: open });
  write("abc");
  await new Promise((resolve) => setTimeout(resolve, 10));
  equal((await registry.ask(silent, { method: "PATCH", body: "x" })).code, "BLOB_UPLOAD_INVALID");
  equal((await registry.ask(`${silent}?digest=${SHA}`, { method: "PUT" })).code, "BLOB_UPLOAD_INVALID");
  registry.area.expire(Date.now() + 2000);
  equal((await waiting).code, "BLOB_UPLOAD_UNKNOWN");
  deepEqual(registry.files(), []);
});

Deno.test("takePush() knows an upload under its own name alone", async () => {
  using registry = new SampleRegistry();
  const location = await registry.begin("a");
  equal((await registry.ask(location.replace("/a/", "/b/"))).code, "BLOB_UPLOAD_UNKNOWN");
  equal((await registry.ask(location.replace("/a/", "/library/a/"))).status, 204);
});

Deno.test("sweepUploads() removes what a process has left, and nothing of one that goes on", async () => {
  using registry = new SampleRegistry();
  await registry.begin("a");
  const left = `${registry.directory}/uploads/left`;
  Deno.mkdirSync(left);
  Deno.writeTextFileSync(`${left}/x`, "x");
  sweepUploads(registry.store);
  deepEqual(Array.from(Deno.readDirSync(`${registry.directory}/uploads`)).length, 1);
  equal(registry.files().length, 1);
});

Deno.test("takePush() takes two images with one layer, which come at the same time", async () => {
  using registry = new SampleRegistry();
  const [one, two] = [await sampleImage("shared"), await sampleImage("shared", rename)];
  const blobs = [one.config, one.layer, two.config] as const;
  for (const blob of blobs) equal((await registry.pushBlob("a", blob)).status, 201);
  const pushed = await Promise.all(
    ([["1", one], ["2", two]] as readonly (readonly [string, SampleImage])[])
      .map(([tag, { manifest }]) => registry.pushManifest("a", tag, manifest)),
  );
  deepEqual(pushed.map(({ status }) => status), [201, 201]);
});

function rename(document: string, value: Record<string, unknown>): void {
  if (document === "config") value.author = "somebody else";
}
