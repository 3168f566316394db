/**
 * A small network of a test's own: the machine on which myctr runs, and another one that its default route leads to. Both
 * are network namespaces; the first has its own /dev/net/tun too, which whoever likes may open, as on most machines.
 */

import { type Spawned, spawnWords } from "./processes.ts";

/** Addresses of the two: the other machine answers for names and pages. */
export const NEAR = { ipv4: "198.51.100.1", ipv6: "2001:db8:7::1" } as const;
export const FAR = { ipv4: "198.51.100.2", ipv6: "2001:db8:7::2" } as const;

const NEAR_SET_UP = [
  "mount -t tmpfs -o mode=755 tun /dev/net",
  "mknod /dev/net/tun c 10 200",
  "chmod 666 /dev/net/tun",
  "ip link set lo up",
].join(" && ");

const LIFE_MS = 600_000;

/** The two machines; disposing of it ends them. */
export interface NetworkWorld extends AsyncDisposable {
  /** Words before a command of the machine on which myctr runs. */
  readonly near: readonly string[];
  /** Words before a command of the other one. */
  readonly far: readonly string[];
}

/** Makes them. `resolvConf` is the first one's /etc/resolv.conf. */
export async function openWorld({ resolvConf }: { readonly resolvConf: string }): Promise<NetworkWorld> {
  const directory = await Deno.makeTempDir({ prefix: "myctr-world-" });
  await Deno.writeTextFile(`${directory}/resolv.conf`, resolvConf);
  const env = {
    PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${directory}/cache`,
  };
  const started: Spawned[] = [];
  const start = async (...words: string[]) => {
    const spawned = spawnWords(words, { env, timeoutMs: LIFE_MS });
    started.push(spawned);
    await spawned.until("ready\n");
    return spawned.pid;
  };
  const bind = `mount --bind ${directory}/resolv.conf $(realpath /etc/resolv.conf)`;
  const stay = "echo ready && exec sleep 1000";
  const nearPid = await start(
    "unshare",
    "--net",
    "--mount",
    "sh",
    "-c",
    `${NEAR_SET_UP} && ${bind} && ${stay}`,
  );
  const farPid = await start("unshare", "--net", "sh", "-c", `ip link set lo up && ${stay}`);
  const near = ["nsenter", `--target=${nearPid}`, "--net", "--mount"];
  const far = ["nsenter", `--target=${farPid}`, "--net"];
  await connect(near, { far, farPid });
  const servers = new URL("_world_servers.ts", import.meta.url).pathname;
  const serve = [Deno.execPath(), "run", "-A", "-q", servers];
  await start(...far, ...serve, FAR.ipv4, "0.0.0.0", "far");
  await start(...near, ...serve, "127.0.0.1", "127.0.0.1", "near");
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      for (const each of started) each.kill("SIGKILL");
      await Promise.all(started.map((each) => each.ended));
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Puts a cable between the two. */
async function connect(
  near: readonly string[],
  { far, farPid }: { readonly far: readonly string[]; readonly farPid: number },
): Promise<void> {
  await must(
    ...near,
    "ip",
    "link",
    "add",
    "near",
    "type",
    "veth",
    "peer",
    "name",
    "far",
    "netns",
    String(farPid),
  );
  for (const [words, device, own] of [[near, "near", NEAR], [far, "far", FAR]] as const) {
    await must(...words, "ip", "address", "add", `${own.ipv4}/24`, "dev", device);
    await must(...words, "ip", "address", "add", `${own.ipv6}/64`, "dev", device, "nodad");
    await must(...words, "ip", "link", "set", device, "up");
  }
  await must(...near, "ip", "route", "add", "default", "via", FAR.ipv4);
  await must(...near, "ip", "-6", "route", "add", "default", "via", FAR.ipv6);
}

async function must(...[program = "", ...args]: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
