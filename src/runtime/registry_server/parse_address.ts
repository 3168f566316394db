/** Where a registry listens. Pure. */

import { CtrError } from "../../errors.ts";

/** An address and a port of it; 0 is any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/;

/** Parses `127.0.0.1:5000`, `localhost:5000` or `[::1]:5000`. @throws {CtrError} code "usage" */
export function parseListenAddress(text: string): ListenAddress {
  const [, host = "", digits = ""] = ADDRESS.exec(text) ?? [];
  const isUsable = host !== "" && Number(digits) <= 65535 &&
    host.split(".").every((part) => !/^\d+$/.test(part) || Number(part) <= 255);
  if (isUsable) {
    // The name may stand for something else in /etc/hosts.
    return { host: host === "localhost" ? "127.0.0.1" : host.replace(/[[\]]/g, ""), port: Number(digits) };
  }
  throw new CtrError("usage", `Cannot listen at ${JSON.stringify(text)}: it is not ADDRESS:PORT`, {
    hint: "Write it as in 127.0.0.1:5000, or with port 0 for any that is free",
  });
}

/** Renders an address as a part of a URL. */
export function renderListenAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
