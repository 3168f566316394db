/** Tests of parseSysctl(), sysctlPath() and refuseForeignSysctls(). */

import { deepEqual, doesNotThrow, equal, throws } from "node:assert/strict";
import { parseSysctl, refuseForeignSysctls, sysctlPath } from "./parse_sysctl.ts";
import type { NamespaceType } from "./types.ts";

const GOOD = [
  { text: "net.ipv4.ip_forward=1", name: "net.ipv4.ip_forward", value: "1", path: "net/ipv4/ip_forward" },
  { text: "net/ipv4/ip_forward=1", name: "net.ipv4.ip_forward", value: "1", path: "net/ipv4/ip_forward" },
  {
    text: "net.ipv4.conf.eth0/5.forwarding=0",
    name: "net.ipv4.conf.eth0/5.forwarding",
    value: "0",
    path: "net/ipv4/conf/eth0.5/forwarding",
  },
  { text: "kernel.sem=1 2 3 4", name: "kernel.sem", value: "1 2 3 4", path: "kernel/sem" },
] as const;

for (const { text, name, value, path } of GOOD) {
  Deno.test(`parseSysctl() takes ${text}`, () => {
    deepEqual(parseSysctl(text), { name, value });
    equal(sysctlPath(name), path);
  });
}

for (const text of ["", "net.ipv4", "=1", "net..x=1", "net/../x=1", "net.//.x=1", "net.a b=1", "..=1"]) {
  Deno.test(`parseSysctl() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseSysctl(text), { code: "usage" });
  });
}

const OWN: readonly NamespaceType[] = ["network", "ipc"];
const REFUSED = [
  { name: "vm.swappiness", namespaces: OWN, says: /whole machine/ },
  { name: "kernel.shmmax_no", namespaces: OWN, says: /whole machine/ },
  { name: "kernel.pid_max", namespaces: OWN, says: /whole machine/ },
  { name: "kernel.domainname", namespaces: OWN, says: /option of its own/ },
  { name: "net.core.somaxconn", namespaces: ["ipc"], says: /network namespace is shared/ },
  { name: "fs.mqueue.msg_max", namespaces: ["network"], says: /ipc namespace is shared/ },
] as const;

for (const { name, namespaces, says } of REFUSED) {
  Deno.test(`refuseForeignSysctls() refuses ${name} with ${namespaces.join(" and ")} of its own`, () => {
    throws(() => refuseForeignSysctls([{ name, value: "1" }], namespaces), { code: "usage", message: says });
  });
}

for (const name of ["net.core.somaxconn", "kernel.msgmax", "kernel.shm_rmid_forced", "fs.mqueue.msg_max"]) {
  Deno.test(`refuseForeignSysctls() lets ${name} be`, () => {
    doesNotThrow(() => refuseForeignSysctls([{ name, value: "1" }], OWN));
  });
}
