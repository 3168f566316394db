/** Rows of the flags of `myctr run` that say what a container knows: names, and notes about it. */

import { equal, match } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import type { Box } from "./box.ts";
import type { FlagRow } from "./flag_rows.ts";

const RESOLVER = ["--dns", "192.0.2.53", "--dns", "2001:db8::53"] as const;

/** Reads a file of the one container there is, and removes the container. */
async function takeFile(box: Box, name: string): Promise<string> {
  const [container] = box.containers();
  const text = readIfThere(`${box.state}/containers/${container!.id}/${name}`);
  await box.run("rm", container!.id);
  return text;
}

export const NAME_ROWS: readonly FlagRow[] = [
  {
    flag: "--add-host",
    args: ["--add-host", "db=192.0.2.7", "--add-host", "v6:[2001:db8::7]"],
    command: "grep -w -e db -e v6 /etc/hosts | xargs",
    stdout: "192.0.2.7 db 2001:db8::7 v6\n",
  },
  {
    flag: "--add-host",
    args: ["--add-host", "db:192.0.2.7"],
    command: "ping -c 1 -W 1 db 2>&1 | head -1 | cut -d: -f1",
    stdout: "PING db (192.0.2.7)\n",
  },
  {
    flag: "--add-host",
    args: ["--add-host", "up:host-gateway", "--network", "host"],
    command: "grep -w up /etc/hosts | xargs",
    stdout: "127.0.0.1 up\n",
  },
  {
    flag: "--annotation",
    args: ["--annotation", "org.example.owner=me", "--annotation", "bare"],
    command: "true",
    stdout: "",
    isKept: true,
    after: async (box) =>
      match(await takeFile(box, "config.json"), /"annotations":\{"org\.example\.owner":"me","bare":""/),
  },
  {
    flag: "--dns",
    args: RESOLVER,
    command: "cat /etc/resolv.conf",
    stdout: "nameserver 192.0.2.53\nnameserver 2001:db8::53\n",
  },
  {
    // What is not asked for stays as the host has it.
    flag: "--dns",
    args: [...RESOLVER, "--network", "host"],
    command: "grep ^nameserver /etc/resolv.conf; grep -v ^nameserver /etc/resolv.conf | wc -l",
    stdout: () => {
      const kept = readIfThere("/etc/resolv.conf").split("\n").filter((line) => !/^nameserver|^$/.test(line));
      return `nameserver 192.0.2.53\nnameserver 2001:db8::53\n${kept.length}\n`;
    },
  },
  {
    flag: "--dns-option",
    args: ["--dns-option", "ndots:2", "--dns-option", "rotate"],
    command: "cat /etc/resolv.conf",
    stdout: "options ndots:2 rotate\n",
  },
  {
    flag: "--dns-search",
    args: ["--dns-search", "a.example", "--dns-search", "b.example"],
    command: "cat /etc/resolv.conf",
    stdout: "search a.example b.example\n",
  },
  {
    flag: "--domainname",
    args: ["--domainname", "example.org", "-h", "box"],
    command: "cat /proc/sys/kernel/domainname; hostname; hostname -f; tail -n 1 /etc/hosts | xargs",
    stdout: "example.org\nbox\nbox.example.org\n127.0.0.1 box.example.org box\n",
  },
  {
    flag: "--label-file",
    args: ["--label-file", "WORK/labels", "-l", "b=typed"],
    command: "true",
    stdout: "",
    isKept: true,
    after: async (box) => {
      const { labels } = JSON.parse(await takeFile(box, "state.json"));
      equal(JSON.stringify(labels), '{"a":"from the file","b":"typed"}');
    },
  },
];
