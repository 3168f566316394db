/** What the program tells myctr: records of two 64-bit words, {tag, value}. Pure. */

/** Tags below the address of any instruction; every other tag is the address of the instruction that failed. */
export const RECORD = {
  /** The container's pid, seen from myctr. */
  pid: 1,
  /** The root is in place and waits to be looked at. */
  mounted: 2,
  /** The command has been executed. */
  running: 3,
  /** The wait status of the container's process 1, as wait4(2) gives it. */
  exited: 4,
  /** No attempt to execute the command succeeded. */
  exhausted: 5,
  /** A process waits for ever before the call with that number (`--pause-step`). */
  paused: 6,
  /** How many descriptors were ready at the end of --timeout: 0, the container had to be ended. */
  inTime: 7,
  /** The terminal of a myctr that left is as it was before. */
  inOrder: 8,
  /** Nobody takes any more what a terminal's relay writes: an errno. */
  hungUp: 9,
  /** The result of a call (`--explain`): tag = trace + number of the call. */
  trace: 0x10000,
} as const;

/** Bytes of a record. */
export const RECORD_SIZE = 16;
