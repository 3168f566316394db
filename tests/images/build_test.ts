/** `myctr build` on the real kernel: what each instruction leaves in the image, the cache, and what can't lead out of a context. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { USERS } from "../kernel/box.ts";
import { testerFor } from "../kernel/test_in_box.ts";
import { cachedSteps, context, inImage } from "./build_harness.ts";
import { done, expectSound, importRoot } from "./image_box.ts";

const EVERYTHING = `# syntax=docker/dockerfile:1
ARG BASE=base
FROM \${BASE} AS build
ARG VERSION=1
ENV GREETING="hello world" WHERE=/srv
WORKDIR \${WHERE}/app
COPY --chown=1000:1000 --chmod=0640 *.txt ./
COPY sub /srv/sub
RUN echo "$GREETING $VERSION" >made && id -u >who
USER app
RUN ["sh", "-c", "id -u >/tmp/who; pwd >>/tmp/who"]
USER root
RUN <<END
set -e
echo one >doc
echo two >>doc
END
COPY <<DOC <<'RAW' /docs/
$GREETING
DOC
$GREETING
RAW

FROM scratch
COPY --from=build / /
COPY --from=build /srv/app/m* /picked/
LABEL a=b "c d"="e f"
EXPOSE 80 53/udp
VOLUME /data
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD test -e /srv
ENTRYPOINT ["echo", "entry"]
CMD ["command"]
MAINTAINER me
`;

for (const { user, needs } of USERS) {
  const test = testerFor("build", { user, needs });

  test("what each instruction leaves", async (box) => {
    await importRoot(box, "base");
    const directory = await context(box, {
      "Containerfile": EVERYTHING,
      "a.txt": "a\n",
      "b.txt": "b\n",
      "left.txt": "out\n",
      "sub/c/d": "d\n",
      ".dockerignore": "left.*\n",
    });
    const built = await box.run(
      "build",
      "-t",
      "app",
      "--build-arg",
      "VERSION=7",
      "--label",
      "x=y",
      directory,
    );
    equal(built.code, 0, built.stderr);
    match(built.stdout, /^sha256:[0-9a-f]{64}\n$/);
    const script = [
      "cd /srv/app; cat made who doc /tmp/who",
      "stat -c '%n %u:%g %a' a.txt b.txt; ls",
      "cat /srv/sub/c/d /docs/DOC /docs/RAW; ls /picked",
    ].join("; ");
    const seen = await done(box.run("run", "--rm", "--entrypoint", "sh", "app", "-c", script));
    deepEqual(seen.split("\n"), [
      ...["hello world 7", "0", "one", "two", "1000", "/srv/app"],
      ...["a.txt 1000:1000 640", "b.txt 1000:1000 640"],
      ...["a.txt", "b.txt", "doc", "made", "who"],
      ...["d", "hello world", "$GREETING", "made", ""],
    ]);
    equal(await done(box.run("run", "--rm", "app")), "entry command\n");
    const { config, author } = JSON.parse(
      await Deno.readTextFile(`${box.state}/blobs/sha256/${built.stdout.trim().slice(7)}`),
    );
    equal(author, "me");
    deepEqual(config.Labels, { "a": "b", "c d": "e f", "x": "y" });
    deepEqual(Object.keys(config.ExposedPorts), ["80/tcp", "53/udp"]);
    deepEqual([config.Volumes, config.StopSignal], [{ "/data": {} }, "SIGINT"]);
    deepEqual(config.Healthcheck, { Test: ["CMD-SHELL", "test -e /srv"], Interval: 5e9 });
    await expectSound(box, "after a build");
  });

  test("a step that was done is not done again, until what it is made of changes", async (box) => {
    await importRoot(box, "base");
    const file = "FROM base\nRUN echo a >/a\nCOPY f /f\nARG X\nRUN echo $X >/x\n";
    const directory = await context(box, { "Containerfile": file, "f": "1\n" });
    const first = await box.run("build", "-t", "one", directory);
    deepEqual([first.code, cachedSteps(first.stderr)], [0, []]);
    await Deno.utime(`${directory}/f`, 1, 1);
    const second = await box.run("build", "-t", "one", directory);
    deepEqual(cachedSteps(second.stderr), ["RUN", "COPY", "RUN"]);
    // Nothing is new: it is the same image.
    equal(second.stdout, first.stdout);
    const other = await box.run("build", "-q", "--build-arg", "X=1", "-t", "two", directory);
    deepEqual([other.code, other.stderr], [0, ""]);
    equal(await inImage(box, "two", "cat /x"), "1\n");
    await Deno.writeTextFile(`${directory}/f`, "2\n");
    const changed = await box.run("build", "-t", "one", directory);
    deepEqual(cachedSteps(changed.stderr), ["RUN"]);
    equal(await inImage(box, "one", "cat /f"), "2\n");
    deepEqual(cachedSteps((await box.run("build", "--no-cache", directory)).stderr), []);
    // Where nothing has its layers, they are kept for the next build.
    for (const name of ["one", "two"]) equal((await box.run("rmi", "-f", name)).code, 0);
    deepEqual(cachedSteps((await box.run("build", directory)).stderr), ["RUN", "COPY", "RUN"]);
    await expectSound(box, "after builds");
  });

  test("a failing command is told with its place; nothing is left of it but the steps before", async (box) => {
    await importRoot(box, "base");
    const file = "FROM base\nRUN echo a >/a\nRUN echo out; echo err >&2; \\\n  exit 3\n";
    const directory = await context(box, { "Dockerfile": file });
    const failed = await box.run("build", "-t", "x", directory);
    deepEqual([failed.code, failed.stdout], [1, ""]);
    match(failed.stderr, /^out$/m);
    match(failed.stderr, /^err$/m);
    match(
      failed.stderr,
      /^Dockerfile:3:1: the command failed: its exit code is 3\n {2}RUN echo out; .*\n {2}\^$/m,
    );
    match(
      failed.stderr,
      /\nmyctr: Cannot build: line 3 of Dockerfile: the command failed: its exit code is 3\n$/,
    );
    equal((await box.run("list", "-aq")).stdout, "");
    await context(box, { "Dockerfile": file.replace("exit 3", "exit 0") });
    deepEqual(cachedSteps((await box.run("build", "-t", "x", directory)).stderr), ["RUN"]);
  });

  test("all that is wrong in a file is told before anything is done", async (box) => {
    const directory = await context(box, {
      "F": "FRM a\nFROM b\nCOPPY x y\nRUN --mount=type=x,target=/y a\n",
    });
    const { code, stdout, stderr } = await box.run("build", "-f", `${directory}/F`, directory);
    deepEqual([code, stdout], [1, ""]);
    for (const place of ["F:1:1:", "F:3:1:", "F:4:5:"]) ok(stderr.includes(place), stderr);
    match(stderr, /myctr: Cannot build: \S+F has 3 errors\n$/);
    const none = await box.run("build", `${directory}/nosuch`);
    equal(none.code, 1);
    match(none.stderr, /it has no Containerfile and no Dockerfile\n {2}hint/);
  });

  test("nothing leads out of a context, nor out of the image", async (box) => {
    await importRoot(box, "base");
    const secret = await box.write("secret", "secret\n");
    const directory = await context(box, {
      "Containerfile":
        "FROM base\nCOPY link /got\nCOPY up/work/secret /up\nCOPY ../secret /dots\nCOPY in /in/\n",
      "in/f": "f\n",
      "secret": "of the context\n",
      "work/secret": "below\n",
    });
    await Deno.symlink(secret, `${directory}/link`);
    await Deno.symlink("..", `${directory}/up`);
    await Deno.symlink("/etc/passwd", `${directory}/in/outside`);
    const absolute = await box.run("build", "-t", "x", directory);
    // The link is one of the context's root, where there is no such file.
    equal(absolute.code, 1);
    match(absolute.stderr, /Cannot copy "link": it is not in the context/);
    await context(box, {
      "Containerfile": "FROM base\nCOPY up/work/secret /up\nCOPY ../secret /dots\nCOPY in /in/\n",
    });
    equal((await box.run("build", "-t", "x", directory)).code, 0);
    equal(
      await inImage(box, "x", "cat /up /dots; readlink /in/outside"),
      "below\nof the context\n/etc/passwd\n",
    );
    // Links of the image are its own: what they lead to is inside.
    await context(box, {
      "Containerfile": "FROM base\nRUN ln -s tmp/target /out\nWORKDIR /out/w\nCOPY in/f /out/f\n",
    });
    equal((await box.run("build", "-t", "y", directory)).code, 0);
    equal(
      await inImage(box, "y", "cat /tmp/target/f; ls -d /tmp/target/w; pwd"),
      "f\n/tmp/target/w\n/tmp/target/w\n",
    );
  });

  test("mounts of a command are not in the image; caches stay, secrets do not", async (box) => {
    await importRoot(box, "base");
    const secret = await box.write("secret", "s3cret\n");
    const flags = [
      "--mount=type=cache,target=/c",
      "--mount=type=tmpfs,target=/t",
      "--mount=type=secret,id=s",
      "--mount=type=bind,source=sub,target=/b",
    ].join(" ");
    const directory = await context(box, {
      "Containerfile":
        `FROM base\nARG N\nRUN ${flags} echo $N >>/c/log; cat /c/log /b/f /run/secrets/s >/seen; echo x >/t/x\n`,
      "sub/f": "f\n",
    });
    for (const n of ["1", "2"]) {
      const args = ["--secret", `id=s,src=${secret}`, "--build-arg", `N=${n}`, "-t", "x", directory];
      const { code, stderr } = await box.run("build", ...args);
      equal(code, 0, stderr);
    }
    equal(
      await inImage(box, "x", "cat /seen; ls /c /t /b /run/secrets/s 2>/dev/null; true"),
      "1\n2\nf\ns3cret\n",
    );
  });

  test("triggers, targets, ADD of an archive, and the id in a file", async (box) => {
    await importRoot(box, "base");
    const directory = await context(box, { "tree/x/f": "f\n", "plain.tar": "no archive\n" });
    const packed = await box.exec(["tar", "-C", `${directory}/tree`, "-czf", `${directory}/a.tgz`, "."]);
    equal(packed.code, 0);
    await context(box, {
      "x1": "1\n",
      "x2": "2\n",
      "Containerfile":
        "FROM base AS first\nCOPY x* nothing* /several/\nCOPY x* /several2\nADD a.tgz /unpacked/\nADD plain.tar /plain/\nONBUILD RUN echo now >/trigger\nFROM nosuch\nRUN false\n",
    });
    const ids = `${box.work}/id`;
    const built = await box.run("build", "--target", "first", "--iidfile", ids, "-t", "first", directory);
    equal(built.code, 0, built.stderr);
    equal(`${await Deno.readTextFile(ids)}\n`, built.stdout);
    equal(
      await inImage(
        box,
        "first",
        "cat /several*/x? /unpacked/x/f /plain/plain.tar; ls /trigger 2>/dev/null; true",
      ),
      "1\n2\n1\n2\nf\nno archive\n",
    );
    await context(box, { "Containerfile": "FROM first\n" });
    equal((await box.run("build", "-t", "second", directory)).code, 0);
    equal(await inImage(box, "second", "cat /trigger"), "now\n");
    const target = await box.run("build", "--target", "frist", directory);
    equal(target.code, 1);
    match(target.stderr, /Cannot build stage "frist"/);
  });

  test("with --timestamp the same files give the same image, from another state root too", async (box) => {
    await importRoot(box, "base");
    const file =
      "FROM base\nWORKDIR /w\nCOPY . .\nRUN echo x >made; mkdir d\nCOPY <<E /e\n$PATH\nE\nLABEL a=b\n";
    const directory = await context(box, { "Containerfile": file, "a": "a\n", "b/c": "c\n" });
    const base = `${box.work}/base.tar`;
    await done(box.run("save", "-o", base, "base"));
    const ids: string[] = [];
    for (const [state, mask] of [["one", "022"], ["two", "077"]] as const) {
      const root = ["--root", `${box.work}/${state}`];
      const load = await box.run(...root, "load", "-q", "-i", base);
      equal(load.code, 0, load.stderr);
      const words = box.command(...root, "build", "-q", "--timestamp", "1700000000", directory);
      const built = await box.exec(["sh", "-c", `umask ${mask}; exec "$@"`, "sh", ...words]);
      equal(built.code, 0, built.stderr);
      ids.push(built.stdout);
      await Deno.utime(`${directory}/a`, Date.now() / 1000, Date.now() / 1000 + 60);
    }
    equal(ids[0], ids[1]);
    const seen = await box.run(
      "--root",
      `${box.work}/two`,
      "run",
      "--rm",
      ids[1]!.trim(),
      "stat",
      "-c",
      "%Y",
      "/w/made",
      "/e",
    );
    equal(seen.stdout, "1700000000\n0\n", seen.stderr);
    // Their files may be another user's.
    for (const state of ["one", "two"]) {
      equal((await box.run("--root", `${box.work}/${state}`, "system", "reset", "-f")).code, 0);
    }
  });

  test("Containerfile.example is built, and does what it says", async (box) => {
    await importRoot(box, "base");
    const project = new URL("../..", import.meta.url).pathname;
    const directory = await context(box, {
      "Containerfile.example": await Deno.readTextFile(`${project}/Containerfile.example`),
      "README.md": "one two two three three three\n",
    });
    const args = [
      "--build-arg",
      "BASE=base",
      "-f",
      `${directory}/Containerfile.example`,
      "-t",
      "words",
      directory,
    ];
    const built = await box.run("build", ...args);
    equal(built.code, 0, built.stderr);
    const words = (await done(box.run("run", "--rm", "words"))).split("\n").map((line) => line.trim());
    deepEqual(words, ["The words that this README has most often:", "3 three", "2 two", "1 one", ""]);
  });

  test("prune forgets the steps, and what only they need", async (box) => {
    await importRoot(box, "base");
    const directory = await context(box, {
      "Containerfile": "FROM base\nRUN --mount=type=cache,target=/c echo a >/c/a; echo a >/a\n",
    });
    const built = await box.run("build", "-t", "x", directory);
    equal(built.code, 0, built.stderr);
    equal((await box.run("rmi", "x")).code, 0);
    const pruned = await done(box.run("build", "prune"));
    match(pruned, /^Forgotten steps: 1\nTotal reclaimed space: \d+B\n$/);
    deepEqual(cachedSteps((await box.run("build", directory)).stderr), []);
    await expectSound(box, "after a prune");
  });
}
