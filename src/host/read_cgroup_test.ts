import { equal } from "node:assert/strict";
import { commonAncestor } from "./read_cgroup.ts";

const ROWS = [
  ["/sys/fs/cgroup/a/b/c", "/sys/fs/cgroup/a/d", "/sys/fs/cgroup/a"],
  ["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup/a"],
  ["/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a"],
  ["/sys/fs/cgroup/ab", "/sys/fs/cgroup/a", "/sys/fs/cgroup"],
] as const;

for (const [first, second, ancestor] of ROWS) {
  Deno.test(`commonAncestor() of ${first} and ${second}`, () =>
    equal(commonAncestor(first, second), ancestor));
}
