/** Reads what `strace -f -v` wrote: the calls of each process of a kernel program, in order. Source: strace(1). */

/** One call as strace printed it. */
export interface Traced {
  /** `fchdir(5)`. */
  readonly call: string;
  /** What stands behind the equals sign: `0`, `-1 ENOENT (No such file or directory)`. */
  readonly result: string;
}

/** The processes of a program: the monitor, then what it cloned or was cloned for it, in order. */
export interface Processes {
  readonly monitor: readonly Traced[];
  readonly children: readonly (readonly Traced[])[];
  /** What shared the monitor's memory, and cloned or opened something for it. */
  readonly helpers: readonly (readonly Traced[])[];
}

const LINE = /^(\d+) +(.*)$/;
const UNFINISHED = / ?<unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. \S+ resumed>/;

/** Reads a log: lines of several processes, calls cut in two by those of others. */
export function readCalls(log: string): ReadonlyMap<number, readonly Traced[]> {
  const calls = new Map<number, Traced[]>();
  const begun = new Map<number, string>();
  for (const line of log.split("\n")) {
    const [, pid = "", text = ""] = LINE.exec(line) ?? [];
    const process = Number(pid);
    if (text === "" || /^(---|\+\+\+)/.test(text)) continue;
    if (UNFINISHED.test(text)) {
      begun.set(process, text.replace(UNFINISHED, ""));
      continue;
    }
    const whole = RESUMED.test(text) ? (begun.get(process) ?? "") + text.replace(RESUMED, "") : text;
    begun.delete(process);
    const list = calls.get(process) ?? [];
    calls.set(process, list);
    const traced = splitResult(whole);
    if (traced !== undefined) list.push(traced);
  }
  for (const [process, text] of begun) {
    // A process that ends in a call has no result for it: exit_group, or what a signal cut short.
    const list = calls.get(process);
    const isLast = text.startsWith("exit_group(");
    if (isLast && list !== undefined) {
      list.push({ call: text.endsWith(")") ? text : `${text})`, result: "?" });
    }
  }
  return calls;
}

/** A call that a signal cut short is made again by the kernel: it counts once. */
function splitResult(text: string): Traced | undefined {
  const [, call, result] = /^(.*\)) += (.*)$/.exec(text) ?? [];
  if (call === undefined || result === undefined) throw new Error(`strace: no result in ${text}`);
  if (/^\? ERESTART/.test(result)) return undefined;
  return { call, result };
}

/** Finds the processes of the one program in a log. */
export function readProgram(log: string): Processes {
  const calls = readCalls(log);
  for (const list of calls.values()) {
    const start = list.findIndex(({ call }) =>
      /^execve\("\/proc\/self\/fd\/\d+", \["myctr: monitor"\]/.test(call)
    );
    if (start < 0) continue;
    const monitor = list.slice(start + 1);
    const cloned = (by: readonly Traced[], wanted: (call: string) => boolean) =>
      by.filter(({ call }) => call.startsWith("clone3(") && wanted(call))
        .map(({ result }) => calls.get(Number(result)) ?? []);
    const helpers = cloned(monitor, (call) => call.includes("CLONE_VFORK"));
    const children = [
      ...helpers.flatMap((helper) => cloned(helper, (call) => call.includes("CLONE_PARENT"))),
      ...cloned(monitor, (call) => !call.includes("CLONE_VFORK")),
    ];
    return { monitor, children, helpers };
  }
  throw new Error("strace: there is no program in the log");
}
