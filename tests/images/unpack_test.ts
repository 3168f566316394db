/**
 * Layers on the real file system: what GNU tar would make of an archive, whiteouts as overlay has them, and archives that
 * would like to leave their directory.
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { unpackLayer } from "../../src/image/unpack_layer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A directory with an empty one to unpack into, and something beside it that must stay as it is. */
async function inPlace(
  work: (place: { readonly top: string; readonly into: string }) => Promise<void>,
): Promise<void> {
  const top = await Deno.makeTempDir({ prefix: "myctr-unpack-" });
  try {
    await Deno.mkdir(`${top}/into`);
    await Deno.writeTextFile(`${top}/secret`, "as it was");
    await work({ top, into: `${top}/into` });
    equal(await Deno.readTextFile(`${top}/secret`), "as it was");
    deepEqual(Array.from(Deno.readDirSync(top), ({ name }) => name).filter((name) => !KNOWN.has(name)), []);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

const KNOWN: ReadonlySet<string> = new Set(["into", "secret", "from", "with", "archive"]);

async function unpack(path: string, into: string): ReturnType<typeof unpackLayer> {
  return await unpackLayer(into, (await Deno.open(path)).readable as AsyncIterable<Bytes>);
}

/** Everything that stat(1), getfattr(1)'s kind of facts and the contents tell of a tree. */
async function factsOf(directory: string): Promise<string> {
  const script = "cd \"$1\" && find . -printf '%p %y %m %U %G %s %T@ %l %n\\n' | sort && " +
    "find . -type f -exec sha256sum {} + | sort && getcap -r . 2>/dev/null | sort";
  const facts = await run("sh", "-c", script, "facts", directory);
  // A directory's own size is the file system's matter.
  return facts.replace(/^(\S+ d \d+ \d+ \d+) \d+/gm, "$1");
}

Deno.test({
  ...requires("unpack: the same as GNU tar makes of it", "root", "tar", "capsh"),
  async fn() {
    await inPlace(async ({ top, into }) => {
      await run(
        "sh",
        "-c",
        `mkdir -p ${top}/from/a/b ${top}/with && cd ${top}/from && echo x >a/x && ln a/x a/y && ln -s ../../secret a/l &&
        mkfifo a/p && mknod a/n c 1 3 && cp /bin/true a/t && chmod 6755 a/t && setcap cap_net_raw+ep a/t &&
        chown 33:44 a/x && chown -h 5:6 a/l && chmod 1777 a/b && truncate -s 5M a/holes && echo end >>a/holes &&
        touch -d '2001-02-03 04:05:06.789' a/x a/b a && touch -h -d '2002-02-03' a/l &&
        tar --xattrs --xattrs-include='*' --format=pax -S -cf ../archive . &&
        tar --xattrs --xattrs-include='*' --numeric-owner -xpf ../archive -C ../with`,
      );
      const unpacked = await unpack(`${top}/archive`, into);
      equal(await factsOf(into), await factsOf(`${top}/with`));
      deepEqual([unpacked.entries, unpacked.skippedDevices], [10, 0]);
      ok(unpacked.bytes < 1_000_000, "holes are counted as data");
    });
  },
});

Deno.test({
  ...requires("unpack: marks of deletion become overlay's", "root", "tar", "capsh"),
  async fn() {
    await inPlace(async ({ top, into }) => {
      await run(
        "sh",
        "-c",
        `mkdir -p ${top}/from/d/e && cd ${top}/from && touch .wh.gone d/.wh..wh..opq d/e/.wh.x d/e/.wh..wh.plnk d/e/f &&
        tar -cf ../archive .`,
      );
      await unpack(`${top}/archive`, into);
      equal(
        await run("sh", "-c", `cd ${into} && find . -printf '%p %y\\n' | sort`),
        ". d\n./d d\n./d/e d\n./d/e/f f\n./d/e/x c\n./gone c\n",
      );
      equal(await run("stat", "-c", "%t:%T", `${into}/gone`), "0:0\n");
      match(
        await run("python3", "-c", `import os; print(os.getxattr("${into}/d", "user.overlay.opaque"))`),
        /b'y'/,
      );
    });
  },
});

/** Python that writes an archive: entries of names, types, targets and data, as they are. */
const WRITE = `
import io, json, sys, tarfile
out = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
for name, kind, target, data in json.loads(sys.argv[2]):
    entry = tarfile.TarInfo(name)
    entry.type = getattr(tarfile, kind)
    entry.linkname = target
    entry.mode = 0o777
    entry.size = len(data)
    if name.startswith("xattr"): entry.pax_headers = {"SCHILY.xattr.user.overlay.redirect": "/secret", "SCHILY.xattr.trusted.x": "1"}
    out.addfile(entry, io.BytesIO(data.encode()))
out.close()
`;

type Entry = readonly [
  name: string,
  type: "REGTYPE" | "SYMTYPE" | "LNKTYPE" | "DIRTYPE" | "FIFOTYPE",
  target: string,
  data: string,
];

/** What an archive would like to do, and what is said; undefined where it comes to nothing. */
const HOSTILE: readonly {
  readonly what: string;
  readonly entries: readonly Entry[];
  readonly why?: RegExp;
}[] = [
  { what: "a path with ..", entries: [["../secret", "REGTYPE", "", "x"]], why: /leads out/ },
  { what: ".. in the middle", entries: [["a/../../secret", "REGTYPE", "", "x"]], why: /leads out/ },
  { what: "an absolute path", entries: [["/secret", "REGTYPE", "", "x"]] },
  {
    what: "a file through a link to outside",
    entries: [["l", "SYMTYPE", "..", ""], ["l/secret", "REGTYPE", "", "x"]],
  },
  {
    what: "a file through an absolute link",
    entries: [["l", "SYMTYPE", "/tmp", ""], ["l/evil-of-myctr", "REGTYPE", "", "x"]],
    why: /EEXIST/,
  },
  { what: "a file over a link", entries: [["l", "SYMTYPE", "../secret", ""], ["l", "REGTYPE", "", "x"]] },
  {
    what: "a directory over a link",
    entries: [["l", "SYMTYPE", "..", ""], ["l", "DIRTYPE", "", ""], ["l/secret", "REGTYPE", "", "x"]],
  },
  {
    what: "a hard link to outside",
    entries: [["h", "LNKTYPE", "../secret", ""], ["h", "REGTYPE", "", "x"]],
    why: /leads out/,
  },
  {
    what: "a hard link through a link",
    entries: [["l", "SYMTYPE", "..", ""], ["h", "LNKTYPE", "l/secret", ""]],
    why: /not in the archive/,
  },
  { what: "a hard link to nothing", entries: [["h", "LNKTYPE", "none", ""]], why: /not in the archive/ },
  {
    what: "a file below a file",
    entries: [["f", "REGTYPE", "", "x"], ["f/g", "REGTYPE", "", "y"]],
    why: /ENOTDIR/,
  },
  { what: "a file in place of the root", entries: [[".", "REGTYPE", "", "x"]], why: /whole root/ },
  { what: "a whiteout of ..", entries: [[".wh...", "REGTYPE", "", ""]], why: /deletes no name/ },
  { what: "a name of 300 characters", entries: [["n".repeat(300), "REGTYPE", "", ""]], why: /too long/ },
  { what: "orders to overlay", entries: [["xattr", "DIRTYPE", "", ""]] },
  {
    what: "a link to itself",
    entries: [["l", "SYMTYPE", "l", ""], ["l/x", "REGTYPE", "", "x"]],
    why: /ELOOP/,
  },
];

for (const { what, entries, why } of HOSTILE) {
  Deno.test({
    ...requires(`unpack: nothing outside is touched by ${what}`, "root", "tar", "capsh"),
    async fn() {
      await inPlace(async ({ top, into }) => {
        await run("python3", "-c", WRITE, `${top}/archive`, JSON.stringify(entries));
        if (why === undefined) await unpack(`${top}/archive`, into);
        else await rejects(unpack(`${top}/archive`, into), { name: "CtrError", message: why });
        equal(await run("sh", "-c", "ls -d /tmp/evil-of-myctr 2>/dev/null || true"), "");
        const names = await run(
          "python3",
          "-c",
          `import os; print([n for r, d, f in os.walk("${into}") for x in d + f
          for n in os.listxattr(os.path.join(r, x), follow_symlinks=False)])`,
        );
        equal(names, "[]\n");
      });
    },
  });
}

Deno.test({
  ...requires("unpack: an archive is bounded by entries and bytes", "root", "tar", "capsh"),
  async fn() {
    await inPlace(async ({ top, into }) => {
      const entries: readonly Entry[] = [["a", "REGTYPE", "", "12345"], ["b", "REGTYPE", "", "12345"]];
      await run("python3", "-c", WRITE, `${top}/archive`, JSON.stringify(entries));
      const open = async () => (await Deno.open(`${top}/archive`)).readable as AsyncIterable<Bytes>;
      await rejects(unpackLayer(into, await open(), { maxEntries: 1 }), { message: /more than 1 entries/ });
      await rejects(unpackLayer(into, await open(), { maxBytes: 9 }), { message: /more than 9 bytes/ });
      equal((await unpackLayer(into, await open(), { maxEntries: 2, maxBytes: 10 })).bytes, 10);
    });
  },
});
