/** Tests of access.ts: who may ask. */

import { equal } from "node:assert/strict";
import { refuseStrangers } from "./access.ts";
import { Refusal } from "./refusal.ts";

const TOKEN = "correct-horse-battery";

function statusFor(headers: Record<string, string>, rule: Parameters<typeof refuseStrangers>[1]): number {
  try {
    refuseStrangers(new Headers(headers), rule);
    return 200;
  } catch (error) {
    return error instanceof Refusal ? error.status : 0;
  }
}

function basic(text: string): string {
  return `Basic ${new TextEncoder().encode(text).toBase64()}`;
}

const CASES: readonly (readonly [authorization: string, status: number])[] = [
  ["", 401],
  [`Bearer ${TOKEN}`, 200],
  [`bearer ${TOKEN}`, 200],
  [basic(`any:${TOKEN}`), 200],
  [basic(`:${TOKEN}`), 200],
  [basic(`any:${TOKEN}x`), 401],
  [basic(`any:${TOKEN.slice(0, -1)}`), 401],
  [basic("any:"), 401],
  [basic(":"), 401],
  ["Bearer ", 401],
  ["Bearer wrong", 401],
  ["Basic !!!", 401],
  [`Digest ${TOKEN}`, 401],
  [TOKEN, 401],
];

for (const [authorization, status] of CASES) {
  Deno.test(`refuseStrangers() answers ${status} to "${authorization}"`, () => {
    const headers = { host: "127.0.0.1:5000", ...(authorization !== "" && { authorization }) };
    equal(statusFor(headers, { token: TOKEN, isRemoteAllowed: false }), status);
  });
}

const HOSTS: readonly (readonly [host: string, isRemoteAllowed: boolean, status: number])[] = [
  ["127.0.0.1:5000", false, 200],
  ["127.9.9.9", false, 200],
  ["localhost:1", false, 200],
  ["[::1]:5000", false, 200],
  ["example.com", false, 403],
  ["127.0.0.1.example.com:5000", false, 403],
  ["", false, 403],
  ["example.com", true, 200],
];

for (const [host, isRemoteAllowed, status] of HOSTS) {
  Deno.test(`refuseStrangers() answers ${status} to the host "${host}"${isRemoteAllowed ? ", allowed" : ""}`, () => {
    equal(statusFor({ host }, { isRemoteAllowed }), status);
  });
}
