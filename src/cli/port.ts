/** `myctr port`: where a container's ports are reached. */

import { CtrError } from "../errors.ts";
import { renderAddress, renderPort } from "../spec/network.ts";
import { parseExpose } from "../spec/parse_publish.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { reportFailure } from "./each_container.ts";

const PORT = {
  path: "myctr port",
  description: "Show where the ports of a container are reached",
  options: [HELP_OPTION],
  operands: [
    { name: "container", isRequired: true, kind: "container", description: "its name or id" },
    { name: "port", description: "one of its ports, as 80 or 53/udp (default: all)" },
  ],
  examples: ["myctr port web", "curl http://$(myctr port web 80)/"],
} as const satisfies Declaration;

/** Makes the command. */
export function portCommand(): Runnable {
  return runnable(PORT, async ({ operands: { container, port } }, session) => {
    const asked = port === undefined ? undefined : parseExpose(port)[0];
    const { readPorts } = await import("../runtime/read_ports.ts");
    return await reportFailure(session, () => {
      const ports = readPorts(container);
      if (asked === undefined) {
        const lines = ports.map((each) =>
          `${renderPort(each)} -> ${renderAddress(each.address, each.hostPort)}\n`
        );
        return session.print(lines.join(""));
      }
      const found = ports.filter((each) => each.port === asked.port && each.protocol === asked.protocol);
      if (found.length > 0) {
        return session.print(found.map((each) => `${renderAddress(each.address, each.hostPort)}\n`).join(""));
      }
      throw new CtrError(
        "not_found",
        `Cannot show port ${renderPort(asked)} of ${JSON.stringify(container)}: it is not published`,
        { hint: "Ports are published by --publish, at the start" },
      );
    });
  });
}
