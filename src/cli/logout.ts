/** `myctr logout`: forgets who this user is for a registry. */

import { CtrError } from "../errors.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** What the command needs of the world. */
export interface LogoutWorld {
  readonly parseRegistry: (text: string | undefined) => string;
  /** Tells whether it was known. */
  readonly forget: (registry: string) => Promise<boolean>;
  readonly forgetAll: () => Promise<void>;
}

const LOGOUT = {
  path: "myctr logout",
  description: "Log out of a registry; docker.io where none is named",
  options: [
    { name: "all", long: "--all", short: "-a", description: "log out of all registries" },
    HELP_OPTION,
  ],
  operands: [{ name: "registry", description: "a host, with or without a port" }],
  examples: ["myctr logout ghcr.io", "myctr logout --all"],
} as const satisfies Declaration;

/** Makes the command; `load` gives another world in tests. */
export function logoutCommand(load: () => Promise<LogoutWorld> = logoutWorld): Runnable {
  return runnable(LOGOUT, async ({ operands: { registry: typed }, options: { all = false } }, session) => {
    if (all && typed !== undefined) {
      throw new CtrError("usage", "Cannot log out of all registries: one is named", {
        hint: "Leave out the registry, or --all",
      });
    }
    const world = await load();
    if (all) {
      await world.forgetAll();
      session.print("Removed login credentials for all registries\n");
      return 0;
    }
    const registry = world.parseRegistry(typed);
    const isForgotten = await world.forget(registry);
    session.print(`${isForgotten ? "Removing login credentials for" : "Not logged in to"} ${registry}\n`);
    return 0;
  });
}

async function logoutWorld(): Promise<LogoutWorld> {
  const { forgetAllLogins, forgetLogin, parseRegistry } = await import("../runtime/login.ts");
  return { parseRegistry, forget: forgetLogin, forgetAll: forgetAllLogins };
}
