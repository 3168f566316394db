/** Stands in for node:fs in commander, which looks for commands kept in files of their own: ours are not. */

export default {
  existsSync(): boolean {
    return false;
  },
  realpathSync(path: string): string {
    return path;
  },
};
