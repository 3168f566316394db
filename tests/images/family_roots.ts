/** Archives with the shapes of the distributions that people start from, made of Debian's packages. */

import { equal } from "node:assert/strict";

/** Archives in a directory that anybody may read, until it is disposed of. */
export class FamilyRoots implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes all of them; takes half a minute. */
  static async make(): Promise<FamilyRoots> {
    // In memory: the files are many and small.
    const directory = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "myctr-families-" });
    await Deno.chmod(directory, 0o755);
    const roots = new FamilyRoots(directory);
    await roots.#makeDebian();
    await roots.#makeArch();
    await roots.#makeAlpine();
    return roots;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }

  /** A plain tar, as debootstrap's users make it; pacman is in it for {@link arch}. */
  get debian(): string {
    return `${this.directory}/debian.tar`;
  }

  /** As archlinux-bootstrap: all in root.x86_64, by zstd. */
  get arch(): string {
    return `${this.directory}/arch.tar.zst`;
  }

  /** The same, packed again as myctr's note says. */
  get archRoot(): string {
    return `${this.directory}/arch-root.tar`;
  }

  /** As alpine-minirootfs: busybox and musl, by gzip. */
  get alpine(): string {
    return `${this.directory}/alpine.tar.gz`;
  }

  async #makeDebian(): Promise<void> {
    // The second one has the many small files that a Debian of some use has.
    const packages = "--include=pacman-package-manager,ncurses-term";
    await run("mmdebstrap", "--quiet", "--variant=essential", packages, "bookworm", this.debian);
  }

  async #makeArch(): Promise<void> {
    const root = `${this.directory}/root.x86_64`;
    await Deno.mkdir(root);
    await run("tar", "-C", root, "-xpf", this.debian);
    await run("tar", "-C", this.directory, "--zstd", "-cf", this.arch, "root.x86_64");
    await run("tar", "-C", root, "-cf", this.archRoot, ".");
    await Deno.remove(root, { recursive: true });
  }

  async #makeAlpine(): Promise<void> {
    const root = `${this.directory}/alpine`;
    for (
      const name of [
        "bin",
        "dev",
        "etc",
        "home",
        "lib",
        "proc",
        "root",
        "sbin",
        "sys",
        "tmp",
        "usr/bin",
        "var",
      ]
    ) {
      await Deno.mkdir(`${root}/${name}`, { recursive: true });
    }
    await Deno.copyFile("/bin/busybox", `${root}/bin/busybox`);
    for (const name of ["sh", "ls", "id", "cat", "stat", "adduser"]) {
      await Deno.symlink("/bin/busybox", `${root}/bin/${name}`);
    }
    await Deno.writeTextFile(`${root}/etc/os-release`, 'NAME="Alpine Linux"\nID=alpine\n');
    await Deno.writeTextFile(
      `${root}/etc/passwd`,
      "root:x:0:0:root:/root:/bin/sh\nguest:x:405:100:guest:/dev/null:/sbin/nologin\n",
    );
    await Deno.writeTextFile(`${root}/etc/group`, "root:x:0:\nusers:x:100:guest\n");
    const machine = Deno.build.arch;
    await Deno.copyFile(`/lib/ld-musl-${machine}.so.1`, `${root}/lib/ld-musl-${machine}.so.1`);
    await Deno.chmod(`${root}/lib/ld-musl-${machine}.so.1`, 0o755);
    await Deno.writeTextFile(
      `${root}/hello.c`,
      'int puts(const char *);\nint main(void) { return puts("musl") < 0; }\n',
    );
    await run("musl-gcc", "-o", `${root}/usr/bin/hello`, `${root}/hello.c`);
    await Deno.remove(`${root}/hello.c`);
    await Deno.chmod(`${root}/tmp`, 0o1777);
    await run("tar", "-C", root, "--owner=0", "--group=0", "-czf", this.alpine, ".");
    await run("rm", "-rf", root);
  }
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  equal(code, 0, `${command}: ${new TextDecoder().decode(stderr)}`);
}
