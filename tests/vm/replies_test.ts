import { deepEqual, equal } from "node:assert/strict";
import { findEnd, Replies } from "./replies.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function streamOf(...chunks: readonly string[]): { readable: ReadableStream<Uint8Array> } {
  return { readable: ReadableStream.from(chunks.map(encode)) };
}

Deno.test("findEnd() finds the end behind output that has a NUL of its own", () => {
  deepEqual(findEnd(encode("a\0b\n\0end 3 42\nrest")), { at: 4, size: 10, number: 3, code: 42 });
});

Deno.test("findEnd() waits for the whole line", () => {
  equal(findEnd(encode("a\0end 3 4")), undefined);
});

Deno.test("Replies gives each script its output, however it was cut", async () => {
  const replies = new Replies(streamOf("one", "\0en", "d 1 0\ntwo\n\0end 2 7", "\n"));
  deepEqual(await replies.next(1), { code: 0, text: "one" });
  deepEqual(await replies.next(2), { code: 7, text: "two\n" });
});

Deno.test("Replies passes output on as it comes, without the end", async () => {
  const replies = new Replies(streamOf("on", "e\0", "end 1 0\n"));
  let seen = "";
  replies.onBytes = (bytes) => seen += new TextDecoder().decode(bytes);
  deepEqual(await replies.next(1), { code: 0, text: "" });
  equal(seen, "one");
});
