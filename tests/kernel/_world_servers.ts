/**
 * Servers of a test's own network: `deno run -A _world_servers.ts NAMES_AT WEB_AT TEXT`. At NAMES_AT every name is
 * 198.51.100.2, by udp; at WEB_AT every page is TEXT, and who asked for it. Prints "ready".
 */

import { createSocket } from "node:dgram";

const [namesAt = "", webAt = "", text = ""] = Deno.args;
const ANSWER = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 2];

/** Answers a question for an address of IPv4, and says of every other one that there is nothing. Source: RFC 1035. */
function answerTo(question: Uint8Array): Uint8Array {
  const end = question.indexOf(0, 12) + 5;
  const isAddress = question[end - 3] === 1;
  const head = [question[0]!, question[1]!, 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0];
  return new Uint8Array([...head, ...question.subarray(12, end), ...isAddress ? ANSWER : []]);
}

const socket = createSocket("udp4");
socket.on("message", (question, from) => socket.send(answerTo(question), from.port, from.address));
await new Promise<void>((resolve) => socket.bind(53, namesAt, resolve));

Deno.serve({
  hostname: webAt,
  port: 80,
  onListen: () => Deno.stdout.writeSync(new TextEncoder().encode("ready\n")),
}, (_, { remoteAddr }) => {
  return new Response(`${text} ${(remoteAddr as Deno.NetAddr).hostname}\n`);
});
