import { deepEqual } from "node:assert/strict";
import { parseMountInfo } from "./mount_info.ts";

const TEXT = `22 28 0:20 / /proc rw,nosuid - proc proc rw
36 28 0:32 / /mnt/a\\040b rw shared:3 master:1 - ext4 /dev/vda rw
broken
`;

Deno.test("parseMountInfo() gives places and types, with blanks as they are", () => {
  deepEqual(parseMountInfo(TEXT), [{ target: "/proc", type: "proc" }, { target: "/mnt/a b", type: "ext4" }]);
});
