/** Parses /proc/PID/mountinfo. Pure. Source: proc_pid_mountinfo(5). */

/** One mount. */
export interface MountEntry {
  readonly target: string;
  readonly type: string;
}

/** Parses the lines; blanks in a path are written as `\040`. */
export function parseMountInfo(text: string): readonly MountEntry[] {
  return text.split("\n").flatMap((line) => {
    const [before = "", behind] = line.split(" - ", 2);
    const target = before.split(" ")[4];
    if (behind === undefined || target === undefined) return [];
    return [{ target: unescape(target), type: behind.split(" ")[0] ?? "" }];
  });
}

function unescape(path: string): string {
  return path.replace(
    /\\([0-7]{3})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
