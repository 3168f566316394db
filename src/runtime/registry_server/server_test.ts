/** Tests of server.ts: what a registry tells those who read. */

import { deepEqual, equal, match } from "node:assert/strict";
import { sampleImage } from "./_sample_image.ts";
import { type Ask, SampleRegistry } from "./_sample_registry.ts";

async function withImage(
  test: (registry: SampleRegistry, image: Awaited<ReturnType<typeof sampleImage>>) => Promise<void>,
): Promise<void> {
  using registry = new SampleRegistry();
  const image = await sampleImage("0123456789");
  equal((await registry.push("alpine", "latest", image)).status, 201);
  await test(registry, image);
}

const SAME_NAMES = ["alpine", "library/alpine", "docker.io/alpine", "docker.io/library/alpine"];

Deno.test("answerRequest() gives a manifest by each of its names, and by its digest", () =>
  withImage(async (registry, { manifest }) => {
    for (const name of SAME_NAMES) {
      for (const reference of ["latest", manifest.digest]) {
        const { status, headers, text } = await registry.ask(`/v2/${name}/manifests/${reference}`);
        deepEqual([status, text], [200, new TextDecoder().decode(manifest.bytes)]);
        deepEqual(
          ["content-type", "content-length", "docker-content-digest", "docker-distribution-api-version"]
            .map((key) => headers.get(key)),
          [
            "application/vnd.oci.image.manifest.v1+json",
            String(manifest.size),
            manifest.digest,
            "registry/2.0",
          ],
        );
      }
    }
  }));

Deno.test("answerRequest() gives the headers alone to HEAD", () =>
  withImage(async (registry, { manifest, layer }) => {
    for (
      const [path, size] of [
        ["/v2/alpine/manifests/latest", manifest.size],
        [`/v2/alpine/blobs/${layer.digest}`, layer.size],
      ] as const
    ) {
      const { status, headers, text } = await registry.ask(path, { method: "HEAD" });
      deepEqual([status, headers.get("content-length"), text], [200, String(size), ""]);
    }
  }));

const RANGES: readonly (readonly [range: string, status: number, text: string, told: string | null])[] = [
  ["bytes=2-5", 206, "2345", "bytes 2-5/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-2", 206, "89", "bytes 8-9/10"],
  ["bytes=0-99", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=0-1,3-4", 200, "0123456789", null],
  ["lines=1-2", 200, "0123456789", null],
];

for (const [range, status, text, told] of RANGES) {
  Deno.test(`answerRequest() gives of a blob what "${range}" asks for`, () =>
    withImage(async (registry, { layer }) => {
      const answer = await registry.ask(`/v2/alpine/blobs/${layer.digest}`, { headers: { range } });
      deepEqual([answer.status, answer.text], [status, text]);
      equal(answer.headers.get("content-length"), String(text.length));
      equal(answer.headers.get("content-range"), told);
    }));
}

Deno.test("answerRequest() refuses a range behind the end, and gives all where the blob is another one", () =>
  withImage(async (registry, { layer }) => {
    const ask = (headers: Record<string, string>) => registry.ask(`/v2/a/blobs/${layer.digest}`, { headers });
    const refused = await ask({ range: "bytes=10-" });
    deepEqual([refused.status, refused.headers.get("content-range")], [416, "bytes */10"]);
    equal((await ask({ range: "bytes=2-", "if-range": '"sha256:other"' })).status, 200);
    equal((await ask({ range: "bytes=2-", "if-range": `"${layer.digest}"` })).status, 206);
  }));

Deno.test("answerRequest() lists repositories and tags, a part at a time", () =>
  withImage(async (registry, image) => {
    for (const name of ["me/app", "ghcr.io/o/i", "localhost:5000/port"]) {
      await registry.push(name, "b", image);
    }
    for (const tag of ["c", "a"]) await registry.push("me/app", tag, image);
    deepEqual(JSON.parse((await registry.ask("/v2/_catalog")).text), {
      repositories: ["alpine", "ghcr.io/o/i", "me/app"],
    });
    const first = await registry.ask("/v2/me/app/tags/list?n=2");
    deepEqual(JSON.parse(first.text), { name: "me/app", tags: ["a", "b"] });
    const next = /^<(.*)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const second = await registry.ask(next);
    deepEqual(JSON.parse(second.text), { name: "me/app", tags: ["c"] });
    equal(second.headers.get("link"), null);
    equal((await registry.ask("/v2/localhost:5000/port/manifests/b")).status, 200);
  }));

Deno.test("answerRequest() gives nothing by a digest under another name", () =>
  withImage(async (registry, { manifest }) => {
    const { status, code } = await registry.ask(`/v2/other/manifests/${manifest.digest}`);
    deepEqual([status, code], [404, "MANIFEST_UNKNOWN"]);
  }));

const SHA = `sha256:${"ab".repeat(32)}`;
const GET: Ask = {};
const REFUSED: readonly (readonly [path: string, ask: Ask, status: number, code: string])[] = [
  ["/v2/none/manifests/latest", GET, 404, "MANIFEST_UNKNOWN"],
  [`/v2/none/manifests/${SHA}`, GET, 404, "MANIFEST_UNKNOWN"],
  ["/v2/alpine/manifests/sha256:12", GET, 400, "DIGEST_INVALID"],
  ["/v2/alpine/manifests/-tag", GET, 400, "MANIFEST_INVALID"],
  ["/v2/none/tags/list", GET, 404, "NAME_UNKNOWN"],
  ["/v2/alpine/tags/list?n=x", GET, 400, "PAGINATION_NUMBER_INVALID"],
  ["/v2/alpine/tags/list?n=-1", GET, 400, "PAGINATION_NUMBER_INVALID"],
  [`/v2/alpine/blobs/${SHA}`, GET, 404, "BLOB_UNKNOWN"],
  ["/v2/alpine/blobs/latest", GET, 400, "DIGEST_INVALID"],
  ["/v2/alpine/blobs/sha256:..%2f..%2findex.json", GET, 404, "UNSUPPORTED"],
  ["/v2/alpine/blobs/..%2f..%2f..%2fetc%2fpasswd", GET, 404, "UNSUPPORTED"],
  ["/v2/..%2f..%2fa/manifests/x", GET, 400, "NAME_INVALID"],
  ["/v2/Alpine/manifests/x", GET, 400, "NAME_INVALID"],
  ["/v2/a:1/manifests/x", GET, 400, "NAME_INVALID"],
  [`/v2/a@${SHA}/manifests/x`, GET, 400, "NAME_INVALID"],
  [`/v2/${"a".repeat(300)}/manifests/x`, GET, 400, "NAME_INVALID"],
  ["/v2/%ff/manifests/x", GET, 400, "NAME_INVALID"],
  ["/v2/a%00/manifests/x", GET, 400, "NAME_INVALID"],
  ["/v2/a", GET, 404, "UNSUPPORTED"],
  ["/", GET, 404, "UNSUPPORTED"],
  ["/v1/repositories", GET, 404, "UNSUPPORTED"],
  ["/v2/", { method: "POST" }, 405, "UNSUPPORTED"],
  ["/v2/alpine/manifests/latest", { method: "DELETE" }, 405, "UNSUPPORTED"],
  ["/v2/alpine/manifests/latest", { method: "PATCH" }, 405, "UNSUPPORTED"],
  ["/v2/", { headers: { host: "evil.example.com" } }, 403, "DENIED"],
  ["/v2/", { headers: { host: "127.0.0.1.example.com" } }, 403, "DENIED"],
];

for (const [path, ask, status, code] of REFUSED) {
  Deno.test(`answerRequest() refuses ${ask.method ?? "GET"} ${path.slice(0, 60)} ${ask.headers?.host ?? ""}`, () =>
    withImage(async (registry) => {
      const told = await registry.ask(path, ask);
      deepEqual([told.status, told.code], [status, code]);
      equal(told.headers.get("docker-distribution-api-version"), "registry/2.0");
      match(told.headers.get("content-type") ?? "", /^application\/json/);
    }));
}

const PUSHES: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/v2/alpine/blobs/uploads/"],
  ["POST", `/v2/alpine/blobs/uploads/?mount=${SHA}&from=b`],
  ["PUT", "/v2/alpine/manifests/latest"],
  ["PATCH", `/v2/alpine/blobs/uploads/${crypto.randomUUID()}`],
  ["GET", `/v2/alpine/blobs/uploads/${crypto.randomUUID()}`],
];

for (const [method, path] of PUSHES) {
  Deno.test(`answerRequest() takes no ${method} ${path.slice(0, 40)} where it is read-only`, async () => {
    using registry = new SampleRegistry({ isWritable: false });
    const { status, code, headers, text } = await registry.ask(path, { method });
    deepEqual([status, code, headers.get("allow")], [405, "UNSUPPORTED", "GET, HEAD"]);
    match(text, /--writable/);
    deepEqual(registry.store.list(), []);
  });
}
