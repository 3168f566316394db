/** Tests of parseSecurityOption(), joinSecurityOptions() and chooseSystemPaths(). */

import { deepEqual, ok, throws } from "node:assert/strict";
import { READONLY_PATHS } from "./default_profile.ts";
import { joinSecurityOptions, parseSecurityOption } from "./parse_security_opt.ts";
import { chooseSystemPaths } from "./system_paths.ts";

const GOOD = [
  { text: "no-new-privileges", value: { noNewPrivileges: true } },
  { text: "no-new-privileges=true", value: { noNewPrivileges: true } },
  { text: "no-new-privileges:false", value: { noNewPrivileges: false } },
  { text: "apparmor=unconfined", value: { apparmorProfile: "unconfined" } },
  { text: "apparmor=docker-default", value: { apparmorProfile: "docker-default" } },
  { text: "seccomp=./a=b.json", value: { seccompProfile: "./a=b.json" } },
  { text: "label=type:svirt_t", value: {} },
  { text: "mask=/a:/b/c/", value: { maskedPaths: ["/a", "/b/c"] } },
  { text: "unmask=/proc/*", value: { unmaskedPaths: ["/proc/*"] } },
  { text: "unmask=ALL", value: { unmaskedPaths: ["ALL"] } },
  { text: "systempaths=unconfined", value: { unmaskedPaths: ["ALL"] } },
] as const;

for (const { text, value } of GOOD) {
  Deno.test(`parseSecurityOption() takes ${text}`, () => deepEqual(parseSecurityOption(text), value));
}

const BAD = [
  { text: "", says: /there is no such option/ },
  { text: "lable=disable", says: /there is no such option/ },
  { text: "constructor=x", says: /there is no such option/ },
  { text: "no-new-privileges=yes", says: /neither true nor false/ },
  { text: "apparmor", says: /the value is missing/ },
  { text: "label=", says: /the value is missing/ },
  { text: "mask=", says: /the value is missing/ },
  { text: "mask=/", says: /no absolute path/ },
  { text: "mask=etc/passwd", says: /no absolute path/ },
  { text: "mask=/a/../b", says: /no absolute path/ },
  { text: "unmask=all", says: /no absolute path/ },
  { text: "systempaths=on", says: /there is one value/ },
] as const;

for (const { text, says } of BAD) {
  Deno.test(`parseSecurityOption() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseSecurityOption(text), { code: "usage", message: says });
  });
}

Deno.test("joinSecurityOptions() lets lists grow, and the last single value count", () => {
  const options = ["mask=/a", "no-new-privileges", "mask=/b:/c", "no-new-privileges=false"];
  deepEqual(joinSecurityOptions(options.map(parseSecurityOption)), {
    maskedPaths: ["/a", "/b", "/c"],
    noNewPrivileges: false,
  });
});

Deno.test("joinSecurityOptions() makes nothing of none", () => deepEqual(joinSecurityOptions([]), {}));

const REQUEST = { privileged: false };

Deno.test("chooseSystemPaths() shows one hidden path and leaves the others", () => {
  const { maskedPaths, readonlyPaths } = chooseSystemPaths({ ...REQUEST, unmaskedPaths: ["/proc/keys"] }, []);
  ok(!maskedPaths.includes("/proc/keys"));
  ok(maskedPaths.includes("/proc/kcore"));
  deepEqual(readonlyPaths, READONLY_PATHS);
});

Deno.test("chooseSystemPaths() takes patterns, for read-only paths too", () => {
  const { maskedPaths, readonlyPaths } = chooseSystemPaths({ ...REQUEST, unmaskedPaths: ["/proc/s*"] }, []);
  ok(!maskedPaths.includes("/proc/scsi"));
  deepEqual(readonlyPaths, ["/proc/bus", "/proc/fs", "/proc/irq"]);
});

Deno.test("chooseSystemPaths() shows all with ALL, and hides what is named", () => {
  const request = { ...REQUEST, unmaskedPaths: ["ALL"], maskedPaths: ["/etc/motd"] };
  deepEqual(chooseSystemPaths(request, []), { maskedPaths: ["/etc/motd"], readonlyPaths: [] });
});

Deno.test("chooseSystemPaths() hides nothing inside of what is hidden", () => {
  const { maskedPaths } = chooseSystemPaths({ ...REQUEST, maskedPaths: ["/a/b", "/a", "/a"] }, []);
  deepEqual(maskedPaths.filter((path) => path.startsWith("/a")), ["/a"]);
});

Deno.test("chooseSystemPaths() refuses to show what is not hidden", () => {
  throws(() => chooseSystemPaths({ ...REQUEST, unmaskedPaths: ["/proc/nosuch"] }, []), { code: "usage" });
});
