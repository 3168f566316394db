/** `myctr registry serve`: the images of this machine by the protocol of registries. */

import { parseListenAddress } from "../runtime/registry_server/parse_address.ts";
import type { ServeRequest } from "../runtime/registry_server/serve.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Serves until a signal comes. */
export type Serve = (request: ServeRequest, onStart: (address: string) => void) => Promise<void>;

const DEFAULT_ADDRESS = "127.0.0.1:5000";

const SERVE = {
  path: "myctr registry serve",
  description: "Serve the images of this machine as a registry, until a signal ends it",
  options: [
    {
      name: "address",
      long: "--address",
      placeholder: "address:port",
      description: `listen there (${DEFAULT_ADDRESS}); port 0 is any that is free`,
      parse: parseListenAddress,
    },
    {
      name: "allowRemote",
      long: "--allow-remote",
      description: "take addresses that are not of this machine",
    },
    HELP_OPTION,
    {
      name: "tokenFile",
      long: "--token-file",
      placeholder: "file",
      kind: "file",
      description: "whoever asks must know the word in the file",
    },
    { name: "writable", long: "--writable", description: "take images too, from who knows a token" },
  ],
  operands: [],
  examples: [
    "myctr registry serve",
    "myctr registry serve --address 127.0.0.1:0 --writable --token-file token",
    "skopeo copy --src-tls-verify=false docker://127.0.0.1:5000/alpine oci:alpine",
  ],
} as const satisfies Declaration;

/** Makes the command; `serve` is another one in tests. */
export function registryServeCommand(serve: Serve = serveImages): Runnable {
  return runnable(SERVE, async ({ options }, session) => {
    const { address, allowRemote = false, tokenFile, writable = false } = options;
    await serve({
      address: address ?? parseListenAddress(DEFAULT_ADDRESS),
      isRemoteAllowed: allowRemote,
      isWritable: writable,
      ...(tokenFile !== undefined && { tokenFile }),
    }, (bound) => session.print(`Serving images at http://${bound}\n`));
    return 0;
  });
}

async function serveImages(...[request, onStart]: Parameters<Serve>): Promise<void> {
  const { serveRegistry } = await import("../runtime/registry_server/serve.ts");
  await serveRegistry(request, onStart);
}
