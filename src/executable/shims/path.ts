/** Stands in for node:path in commander, which derives a program's name from its path. */

export default { basename, dirname, extname, resolve };

function basename(path: string, extension = ""): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return extension !== "" && name.endsWith(extension) ? name.slice(0, -extension.length) : name;
}

function dirname(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}

function extname(path: string): string {
  const name = basename(path);
  const start = name.lastIndexOf(".");
  return start > 0 ? name.slice(start) : "";
}

function resolve(...parts: string[]): string {
  return parts.reduce((base, part) => part.startsWith("/") ? part : `${base}/${part}`, Deno.cwd());
}
