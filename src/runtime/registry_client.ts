/** Opens a client for a registry, with what this user and this machine have for it. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import { readCertificates } from "../image/registry/certificates.ts";
import { credentialFiles, type Credentials, findCredentials } from "../image/registry/credentials.ts";
import { RegistryClient } from "../image/registry/client.ts";
import { endpointOf } from "../image/registry/endpoint.ts";

/** Who is asked. */
export interface RegistryTarget {
  readonly registry: string;
  readonly repository: string;
  /** Whether it may be asked without encryption. */
  readonly isInsecure: boolean;
}

/** Opens a client. @throws {CtrError} where the files with credentials are damaged */
export async function openRegistry(target: RegistryTarget): Promise<RegistryClient> {
  const { registry, repository } = target;
  return openRegistryAs(target, await findCredentials(credentialFiles(), registry, repository));
}

/**
 * Asks one place after the other, until one has an answer.
 *
 * @throws {CtrError} what the last one says; `onFailed` is told what those before said
 */
export async function askFirst<Place extends RegistryTarget, Answer>(
  places: readonly Place[],
  ask: (client: RegistryClient, place: Place) => Promise<Answer>,
  onFailed: (error: CtrError, next: Place) => void = () => {},
): Promise<Answer> {
  for (const [index, place] of places.entries()) {
    try {
      using client = await openRegistry(place);
      return await ask(client, place);
    } catch (error) {
      const next = places[index + 1];
      if (!(error instanceof CtrError) || next === undefined) throw error;
      onFailed(error, next);
    }
  }
  throw new TypeError("there is no place to ask");
}

/** Opens a client for somebody. */
export function openRegistryAs(
  { registry, isInsecure }: Omit<RegistryTarget, "repository">,
  credentials: Credentials | undefined,
): RegistryClient {
  return new RegistryClient({
    endpoint: endpointOf(registry, { isInsecure }),
    credentials,
    certificates: readCertificates(registry, callerEnv().HOME),
  });
}
