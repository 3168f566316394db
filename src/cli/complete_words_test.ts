import { deepEqual } from "node:assert/strict";
import { completeWords, type CompletionSources } from "./complete_words.ts";
import { completionNodes, quoteFish, quotePosix } from "./completion_table.ts";
import { PROGRAM } from "./program.ts";

const roots: string[] = [];
const SOURCES: CompletionSources = {
  containers: () => Promise.resolve([{ word: "web", meaning: "host true" }, { word: "db", meaning: "" }]),
  images: () => Promise.resolve([{ word: "alpine", meaning: "image" }]),
  volumes: () => Promise.resolve([{ word: "data", meaning: "volume" }]),
  variables: () => ["PATH", "HOME"],
  setRoot: (directory) => Promise.resolve(void roots.push(directory)),
};

const ROWS = [
  { words: ["ru"], found: ["run"] },
  { words: ["run", "--netw"], found: ["--network"] },
  {
    words: ["run", "--network="],
    found: ["none", "host", "private", "pasta", "slirp4netns", "container:web", "container:db"].map((word) =>
      `--network=${word}`
    ),
  },
  { words: ["run", "--pid", "container:w"], found: ["container:web"] },
  { words: ["run", "--uts", "c"], found: [] },
  { words: ["run", "--net", "h"], found: ["host"] },
  { words: ["run", "-e", "P"], found: ["PATH"] },
  { words: ["run", "-ie", "P"], found: ["PATH"] },
  { words: ["run", "-eA=1", "ho"], found: ["host"] },
  { words: ["run", "-w", "/x", "ho"], found: ["host"] },
  { words: ["run", "-v", ""], found: ["data"], shell: "file" },
  { words: ["run", "-v", "/a:"], found: [] },
  { words: ["run", "--rootfs", ""], found: [], shell: "directory" },
  { words: ["run", "--entrypoint", ""], found: [], shell: "program" },
  { words: ["run", "--", "ho"], found: ["host"] },
  { words: ["run", "host", ""], found: [], shell: "program" },
  { words: ["run", "host", "ls", ""], found: [], shell: "file" },
  { words: ["run", "host", "ls", "--r"], found: [], shell: "file" },
  { words: ["rm", "w"], found: ["web"] },
  { words: ["rm", "web", ""], found: ["web", "db"] },
  { words: ["rm", "--", "--"], found: [] },
  { words: ["nosuch", ""], found: [] },
  { words: ["list", ""], found: [] },
  { words: ["__re"], found: [] },
  { words: [], found: ["run"], only: "run" },
] as const;

for (const row of ROWS) {
  Deno.test(`completeWords() of ${JSON.stringify(row.words)}`, async () => {
    const { words, shell } = await completeWords(row.words, PROGRAM, SOURCES);
    const found = words.map(({ word }) => word).filter((word) => !("only" in row) || word === row.only);
    deepEqual([found, shell], [row.found, "shell" in row ? row.shell : undefined]);
  });
}

Deno.test("completeWords() looks in the state directory that --root names", async () => {
  await completeWords(["--root", "/a", "rm", ""], PROGRAM, SOURCES);
  await completeWords(["--root=/b", "rm", ""], PROGRAM, SOURCES);
  deepEqual(roots, ["/a", "/b"]);
});

Deno.test("completionNodes() has myctr itself first, and each command by all its names", async () => {
  const nodes = await completionNodes(PROGRAM);
  deepEqual(nodes[0]?.paths, [""]);
  deepEqual(nodes.find(({ paths }) => paths.includes("ps"))?.paths, ["list", "ls", "ps"]);
  deepEqual(nodes.flatMap(({ commands }) => commands).filter(({ word }) => word.startsWith("__")), []);
});

Deno.test("quotePosix() and quoteFish() keep a single quote", () => {
  deepEqual([quotePosix("a'b"), quoteFish("a'b\\")], ["'a'\\''b'", "'a\\'b\\\\'"]);
});
