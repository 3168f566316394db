/** How docker shows ports in JSON. Pure. */

import { exposedPorts, networkOf, publishedPorts, renderPort } from "../../spec/network.ts";
import type { PortBinding } from "../../runtime/container_state.ts";
import type { Spec } from "../../spec/types.ts";
import { GoMap } from "../template/values.ts";

interface HostPort {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** What was asked for: `HostConfig.PortBindings`. */
export function requestedBindings(spec: Spec): GoMap {
  return grouped(
    publishedPorts(spec).map((port) => {
      const { address = "", hostPorts } = port;
      const text = hostPorts === undefined ? "" : [...new Set(hostPorts)].join("-");
      return [renderPort(port), { HostIp: address, HostPort: text }];
    }),
  );
}

/** What is there: `NetworkSettings.Ports`. A port that is exposed and not published has nothing, as in docker. */
export function presentBindings(spec: Spec, bindings: readonly PortBinding[]): GoMap {
  const found = grouped(
    bindings.map((binding) => [
      renderPort(binding),
      { HostIp: binding.address, HostPort: String(binding.hostPort) },
    ]),
  );
  const isShown = networkOf(spec) !== "host" && bindings.length > 0;
  for (const port of isShown ? exposedPorts(spec) : []) if (!found.has(port)) found.set(port, null);
  return found;
}

/** `Config.ExposedPorts`; undefined where there is none. */
export function maybeExposed(spec: Spec): GoMap | undefined {
  const ports = exposedPorts(spec);
  return ports.length === 0 ? undefined : new GoMap({}, ports.map((port) => [port, {}]));
}

function grouped(rows: readonly (readonly [port: string, at: HostPort])[]): GoMap {
  const map = new GoMap<unknown>([]);
  for (const [port, at] of rows) map.set(port, [...(map.get(port) as HostPort[] | undefined ?? []), at]);
  return map;
}
