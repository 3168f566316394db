/** What myctr answers once it has seen the root: who the user is there. Layout shared by plan and runtime. Pure. */

/** Most supplementary groups that an answer carries. */
export const MAX_GROUPS = 256;
/** Most bytes of `HOME=…` with its NUL. */
export const MAX_HOME = 1040;

/** Byte offsets inside the answer. */
export const ANSWER = {
  uid: 0,
  gid: 8,
  groupCount: 16,
  /** `gid_t` of 32 bits each. */
  groups: 24,
  /** `HOME=/root` and a NUL. */
  home: 24 + 4 * MAX_GROUPS,
  size: 24 + 4 * MAX_GROUPS + MAX_HOME,
} as const;
