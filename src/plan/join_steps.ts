/** Namespaces of another container that the new one joins: entered by the monitor, before the clone. Pure. */

import { NAMESPACE_FLAG } from "./namespace_words.ts";
import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { FD, USER_NAMESPACE } from "./descriptors.ts";
import { call, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { addShiftedSources } from "./shift_steps.ts";

/**
 * Enters what is shared with another container. Only users and network: the monitor does not become visible in it, as it
 * would in its pid namespace. Its own ids outside stay as they are, so that myctr can look at the container's root.
 */
export function addJoin(builder: PlanBuilder): void {
  const joined = builder.spec.linux.namespaces.flatMap(({ type, path }) =>
    path === undefined ? [] : [{ type, path }]
  );
  if (joined.length === 0) return;
  const isShifted = builder.isIdmapped && builder.isJoined;
  builder.add({
    label: "open the namespaces of the other container",
    shell: joined.map(({ path }, index) => `exec ${index + 8}<${path}`).join("; "),
    reason: "A descriptor of each keeps it there, even if that container ends now.",
    man: "namespaces(7)",
  }, [
    ...joined.map(({ type, path }) =>
      call("openat", [AT_FDCWD, path, O.O_RDONLY | O.O_CLOEXEC, 0], { result: `joined ${type}` })
    ),
    ...(isShifted ? [call("dup3", [slot("joined user"), USER_NAMESPACE, O.O_CLOEXEC])] : []),
  ]);
  if (isShifted) {
    builder.add({
      label: "wait until the files are there",
      shell: "read <go",
      reason: "What the container is given is opened here, while root of the machine; myctr writes it first.",
      man: "read(2)",
    }, [call("read", [FD.go, { out: "go.byte", size: 1 }, 1], { ends: "on-zero" })]);
    addShiftedSources(builder);
  }
  builder.add({
    label: "join the other container",
    shell: `nsenter ${
      joined.map(({ type, path }) => `--${type === "network" ? "net" : type}=${path}`).join(" ")
    }`,
    reason:
      "What is started from here on shares them; users come first, since they give the right to the rest.",
    man: "setns(2)",
  }, joined.map(({ type }) => call("setns", [slot(`joined ${type}`), Number(NAMESPACE_FLAG[type])])));
}
