/** Tests of tar_reader.ts, against archives that GNU tar and Python write, in pieces of all sizes; and damaged ones. */

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type TarEntry, TarReader } from "./tar_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

async function* pieces(bytes: Bytes, size: number): AsyncIterable<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
}

interface Read extends TarEntry {
  readonly data: string;
}

async function readAll(bytes: Bytes, size = 1 << 16): Promise<readonly Read[]> {
  const reader = new TarReader(pieces(bytes, size));
  const found: Read[] = [];
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    let data = "";
    for (let part = await reader.read(); part !== undefined; part = await reader.read()) {
      data += new TextDecoder().decode(part);
    }
    found.push({ ...entry, data });
  }
  return found;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Bytes> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return stdout as Bytes;
}

/** A tree with names of all lengths, links, a FIFO and a time with a fraction. */
async function withTree(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const deep = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(120)}`;
    await Deno.mkdir(`${directory}/${deep}`, { recursive: true });
    await Deno.writeTextFile(`${directory}/${deep}/${"g".repeat(200)}`, "deep");
    await Deno.writeTextFile(`${directory}/a ö\n`, "x".repeat(70_000));
    await Deno.symlink("t".repeat(180), `${directory}/link`);
    await Deno.link(`${directory}/a ö\n`, `${directory}/zz hard`);
    await Deno.utime(`${directory}/a ö\n`, new Date(1234567890123), new Date(1234567890123));
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

for (const format of ["gnu", "pax", "oldgnu", "posix"]) {
  Deno.test(`TarReader reads what GNU tar writes as ${format}, in pieces of any size`, async () => {
    await withTree(async (directory) => {
      const archive = await run("tar", [`--format=${format}`, "--sort=name", "-c", "."], directory);
      const found = await readAll(archive);
      for (const size of [1, 511, 512, 513]) deepEqual(await readAll(archive, size), found);
      const named = (end: string) => found.find(({ path }) => path.endsWith(end))!;
      deepEqual([named("a ö\n").data.length, named("a ö\n").type], [70_000, "file"]);
      equal(named("g".repeat(200)).data, "deep");
      ok(named("g".repeat(200)).path.includes(`${"d".repeat(90)}/${"e".repeat(90)}/`));
      deepEqual([named("link").type, named("link").linkName], ["symlink", "t".repeat(180)]);
      deepEqual([named("zz hard").type, named("zz hard").linkName], ["hardlink", "./a ö\n"]);
      equal(named("a ö\n").mtime.seconds, 1234567890);
      if (format === "pax" || format === "posix") equal(named("a ö\n").mtime.nanoseconds, 123_000_000);
    });
  });
}

for (const version of ["0.1", "1.0", "gnu"]) {
  Deno.test(`TarReader knows where the data of a sparse file belongs, form ${version}`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      using file = await Deno.open(`${directory}/holes`, { write: true, create: true });
      for (let at = 0; at < 12; at++) {
        await file.seek(at * 1_000_000, Deno.SeekMode.Start);
        await file.write(new TextEncoder().encode(`part ${at}`));
      }
      await file.truncate(20_000_000);
      const form = version === "gnu" ? ["--format=gnu"] : ["--format=pax", `--sparse-version=${version}`];
      const archive = await run("tar", [...form, "-S", "-c", "holes"], directory);
      const [entry] = await readAll(archive, 1000);
      deepEqual([entry!.path, entry!.size], ["holes", 20_000_000]);
      const parts = entry!.sparse!;
      ok(parts.length >= 12, `${parts.length} parts`);
      let at = 0;
      const texts = parts.map(({ offset, size }) => {
        at += size;
        return [offset, entry!.data.slice(at - size, at).replaceAll("\0", "").slice(0, 7)] as const;
      }).filter(([, text]) => text !== "");
      deepEqual(
        texts.map(([, text]) => text.trim()),
        Array.from({ length: 12 }, (_, index) => `part ${index}`),
      );
      equal(at, entry!.data.length);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

/** A header block with the right checksum. */
function header(change: Readonly<Record<number, string>>, { sum = true } = {}): Bytes {
  const block = new Uint8Array(512);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  put(0, "file");
  put(100, "0000644\0");
  put(124, "00000000000\0");
  put(156, "0");
  put(257, "ustar\x0000");
  for (const [at, text] of Object.entries(change)) put(Number(at), text);
  put(148, "        ");
  const total = block.reduce((all, byte) => all + byte, 0);
  if (sum) put(148, `${total.toString(8).padStart(6, "0")}\0 `);
  return block;
}

function joined(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

function padded(text: string): Bytes {
  const block = new Uint8Array(Math.ceil(text.length / 512) * 512);
  block.set(new TextEncoder().encode(text));
  return block;
}

const DAMAGED: readonly (readonly [what: string, bytes: Bytes, why: RegExp])[] = [
  ["a wrong checksum", header({}, { sum: false }), /byte 0: .*checksum/],
  [
    "no archive at all",
    padded("root:x:0:0:root:/root:/bin/bash\n".repeat(20)),
    /byte 0: it does not begin as a tar/,
  ],
  ["a size that is no number", header({ 124: "xyz" }), /octal/],
  ["a negative size", header({ 124: "\x80" }), /checksum|too large|negative/],
  ["a type that is not known", header({ 156: "Z" }), /type "Z"/],
  [
    "data that is cut",
    joined(header({ 124: "00000002000\0" }), new Uint8Array(100)),
    /byte 612: .*middle of a file/,
  ],
  ["a header that is cut", header({}).slice(0, 300), /middle of a header/],
  ["an extended header of a gigabyte", header({ 156: "x", 124: "10000000000\0" }), /1073741824 bytes/],
  [
    "an extended header without =",
    joined(header({ 156: "x", 124: "00000000010\0" }), padded("8 noth\n")),
    /damaged|no =/,
  ],
  [
    "an extended header with a wrong length",
    joined(header({ 156: "x", 124: "00000000012\0" }), padded("99 a=b\n")),
    /damaged/,
  ],
  [
    "a size in words",
    joined(header({ 156: "x", 124: "00000000015\0" }), padded("13 size=many\n"), header({})),
    /size is/,
  ],
];

for (const [what, bytes, why] of DAMAGED) {
  Deno.test(`TarReader refuses ${what}`, async () => {
    await rejects(readAll(bytes), { name: "CtrError", code: "usage", message: why });
  });
}

Deno.test("TarReader reads attributes, and global records until they are replaced", async () => {
  const pax = (text: string) => `${new TextEncoder().encode(text).length + 4} ${text}\n`;
  const global = pax("uid=77777777");
  const own = pax("SCHILY.xattr.user.k=v\0w");
  const octal = (size: number) => size.toString(8).padStart(11, "0") + "\0";
  const found = await readAll(joined(
    header({ 156: "g", 124: octal(global.length) }),
    padded(global),
    header({ 156: "x", 124: octal(own.length) }),
    padded(own),
    header({ 0: "one\0" }),
    header({ 0: "two\0" }),
  ));
  deepEqual(found.map(({ path, uid }) => [path, uid]), [["one", 77777777], ["two", 77777777]]);
  deepEqual([...found[0]!.xattrs], [["user.k", new TextEncoder().encode("v\0w")]]);
  equal(found[1]!.xattrs.size, 0);
});
