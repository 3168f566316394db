import { EXEC_REQUEST } from "../../tests/golden/exec_cases.ts";
import { deepEqual, equal, throws } from "node:assert/strict";
import { CAPABILITIES } from "./capabilities.ts";
import { buildExecSpec, type ExecRequest } from "./exec_spec.ts";
import { ANNOTATION, type Spec } from "./types.ts";

const NONE = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
const SPEC: Spec = {
  ociVersion: "1.2.0",
  process: {
    args: ["sleep", "1"],
    env: ["PATH=/bin", "A=1=2", "HOME=/srv"],
    cwd: "/work",
    capabilities: NONE,
    rlimits: [],
    noNewPrivileges: true,
    apparmorProfile: "some",
  },
  root: { path: "/srv/root", readonly: false },
  mounts: [],
  linux: { namespaces: [], maskedPaths: [], readonlyPaths: [], devices: [], rootfsPropagation: "private" },
  annotations: {
    [ANNOTATION.root]: "directory",
    [ANNOTATION.user]: "app",
    [ANNOTATION.init]: "true",
    [ANNOTATION.interactive]: "true",
    [ANNOTATION.homeIsSet]: "true",
    [ANNOTATION.seccomp]: "default",
  },
};

function build(change: Partial<ExecRequest>): Spec {
  const request = { ...EXEC_REQUEST, container: "c", command: ["id"], ...change };
  const envFiles = [[{ name: "A", value: "file" }, { name: "B", value: "file" }]];
  return buildExecSpec(SPEC, request, {
    callerEnv: { TERM: "xterm" },
    envFiles: change.envFiles ? envFiles : [],
  });
}

Deno.test("buildExecSpec() leaves what was not asked for as the container has it", () => {
  const { process, annotations } = build({});
  deepEqual(process, { ...SPEC.process, args: ["id"] });
  deepEqual(annotations, {
    [ANNOTATION.root]: "directory",
    [ANNOTATION.user]: "app",
    [ANNOTATION.homeIsSet]: "true",
    [ANNOTATION.seccomp]: "default",
    [ANNOTATION.logDriver]: "none",
  });
});

Deno.test("buildExecSpec() lays files and then -e over the environment", () => {
  const env = [{ name: "B", value: "word" }, { name: "TERM" }, { name: "HOME" }];
  const { process, annotations } = build({ envFiles: ["file"], env });
  deepEqual(process.env, ["PATH=/bin", "A=file", "B=word", "TERM=xterm"]);
  equal(annotations[ANNOTATION.homeIsSet], undefined);
});

Deno.test("buildExecSpec() takes user, directory and input", () => {
  const { process, annotations } = build({ user: "0:5", workdir: "/tmp", interactive: true });
  deepEqual(
    [process.cwd, annotations[ANNOTATION.user], annotations[ANNOTATION.interactive]],
    ["/tmp", "0:5", "true"],
  );
  throws(() => build({ workdir: "tmp" }), { code: "usage" });
});

Deno.test("buildExecSpec() of --privileged confines nothing, but lets privileges not grow where they may not", () => {
  const { process, annotations } = build({ privileged: true });
  deepEqual(process.capabilities.bounding, CAPABILITIES);
  deepEqual([process.apparmorProfile, process.noNewPrivileges], [undefined, true]);
  equal(annotations[ANNOTATION.seccomp], "unconfined");
});
