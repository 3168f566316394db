/** Makes paths absolute and plain by their text alone, as Go's path.Clean does. Pure. */

/** Returns `path` without empty, `.` and `..` components. A path that is not absolute is taken as below `/`. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const component of path.split("/")) {
    if (component === "..") kept.pop();
    else if (component !== "" && component !== ".") kept.push(component);
  }
  return `/${kept.join("/")}`;
}

/** Where a relative path and `~` start. */
export interface PathBase {
  readonly cwd: string;
  readonly home: string;
}

/** Returns the absolute path of what the user typed: `~` and `~/x` are below home, relative ones below cwd. */
export function resolvePath(path: string, { cwd, home }: PathBase): string {
  if (path === "~" || path.startsWith("~/")) return cleanPath(`${home}/${path.slice(1)}`);
  return cleanPath(path.startsWith("/") ? path : `${cwd}/${path}`);
}

/** Counts the components of a clean absolute path: 0 for `/`. */
export function pathDepth(path: string): number {
  return path.split("/").filter((component) => component !== "").length;
}

/** Whether `path` is `parent` or lies below it; both are clean. */
export function isAtOrBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(parent === "/" ? "/" : `${parent}/`);
}
