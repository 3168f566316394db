import { deepEqual, equal } from "node:assert/strict";
import { type TarEntry, TarReader } from "./tar_reader.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "./tar_writer.ts";

const FILE: TarEntry = {
  path: "etc/hostname",
  type: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 3,
  mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
  linkName: "",
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map(),
};
const EMPTY = { size: 0 } as const;

const ROWS: readonly {
  readonly name: string;
  readonly change: Partial<TarEntry>;
  readonly blocks: number;
}[] = [
  { name: "a file", change: {}, blocks: 1 },
  { name: "a setuid file", change: { mode: 0o4755 }, blocks: 1 },
  { name: "a name of 100 letters", change: { path: "n".repeat(100) }, blocks: 1 },
  { name: "a name of 101 letters", change: { path: "n".repeat(101) }, blocks: 3 },
  { name: "a name in two fields", change: { path: `${"d".repeat(155)}/${"n".repeat(100)}` }, blocks: 1 },
  {
    name: "a name too long for two fields",
    change: { path: `${"d".repeat(156)}/${"n".repeat(100)}` },
    blocks: 3,
  },
  { name: "a name of other letters", change: { path: "ä/ö" }, blocks: 3 },
  { name: "a name with a line break", change: { path: "a\nb=c" }, blocks: 3 },
  { name: "a large owner", change: { uid: 0o10000000, gid: 4_000_000_000 }, blocks: 3 },
  { name: "the largest plain owner", change: { uid: 0o7777777, gid: 0o7777777 }, blocks: 1 },
  { name: "parts of a second", change: { mtime: { seconds: 1, nanoseconds: 500_000_001 } }, blocks: 3 },
  { name: "a time before 1970", change: { mtime: { seconds: -2, nanoseconds: 250_000_000 } }, blocks: 3 },
  { name: "a time late", change: { mtime: { seconds: 8 ** 11, nanoseconds: 0 } }, blocks: 3 },
  { name: "a link", change: { type: "symlink", linkName: "../x", ...EMPTY }, blocks: 1 },
  { name: "a long link", change: { type: "symlink", linkName: "l".repeat(101), ...EMPTY }, blocks: 3 },
  { name: "a hard link", change: { type: "hardlink", linkName: "etc/hosts", ...EMPTY }, blocks: 1 },
  { name: "a device", change: { type: "char", devMajor: 5, devMinor: 1, ...EMPTY }, blocks: 1 },
  { name: "a FIFO", change: { type: "fifo", ...EMPTY }, blocks: 1 },
  {
    name: "attributes of any bytes",
    change: {
      xattrs: new Map([["security.capability", new Uint8Array([0, 10, 61, 255])], [
        "user.a",
        new Uint8Array(0),
      ]]),
    },
    blocks: 3,
  },
  // The length of a record counts its own digits: at these it gets one more.
  ...[88, 89, 90, 91, 985, 986, 987, 988].map((length) => ({
    name: `an attribute of ${length} bytes`,
    change: { xattrs: new Map([["user.x", new Uint8Array(length).fill(65)]]) },
    blocks: length > 900 ? 4 : 3,
  })),
];

async function* archive(entry: TarEntry): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield encodeTarHeader(entry);
  yield new Uint8Array(entry.size).fill(120);
  yield tarPadding(entry.size);
  await Promise.resolve();
  yield TAR_END;
}

for (const { name, change, blocks } of ROWS) {
  Deno.test(`encodeTarHeader() of ${name} is read as it was`, async () => {
    const entry = { ...FILE, ...change };
    equal(encodeTarHeader(entry).length, blocks * 512);
    const reader = new TarReader(archive(entry));
    deepEqual(await reader.next(), entry);
    equal(await reader.next(), undefined);
  });
}

Deno.test("encodeTarHeader() ends the name of a directory with a slash, and gives it no size", async () => {
  const reader = new TarReader(archive({ ...FILE, path: "etc", type: "directory", ...EMPTY }));
  const { path, type, size } = (await reader.next())!;
  deepEqual({ path, type, size }, { path: "etc/", type: "directory", size: 0 });
});

Deno.test("encodeTarHeader() says more than 8 GiB in an extended header", async () => {
  const size = 8 ** 11;
  const reader = new TarReader((async function* () {
    yield encodeTarHeader({ ...FILE, size });
    await Promise.resolve();
  })());
  equal((await reader.next())!.size, size);
});
