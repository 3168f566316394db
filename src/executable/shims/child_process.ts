/** Stands in for node:child_process in commander, which would start a command kept in a file of its own: ours are not. */

export default {
  spawn(): never {
    throw new Error("node:child_process is not part of myctr: use Deno.Command");
  },
};
