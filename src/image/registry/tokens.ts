/** Says who asks: by name and password, or by a token that a registry's own service gives for them. */

import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { type Endpoint, isLoopback } from "./endpoint.ts";
import { protocolError, refused, toldBy } from "./errors.ts";
import { readText } from "./body.ts";

/** What a token is wanted for. */
export interface TokenPurpose {
  readonly endpoint: Endpoint;
  readonly scope?: string;
  /** Follows "Cannot". */
  readonly what: string;
}

type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

const MAX_ANSWER = 1024 * 1024;
/** Who asks for tokens, where a service wants to know. */
const CLIENT_ID = "myctr";

/** Values of the header `Authorization`, as they are learnt. */
export class TokenSource {
  readonly #credentials: Credentials | undefined;
  readonly #fetch: Fetch;
  /** By scope; "" where there is none. */
  readonly #known = new Map<string, string>();
  #basic: string | undefined;

  constructor(credentials: Credentials | undefined, fetch: Fetch) {
    this.#credentials = credentials;
    this.#fetch = fetch;
  }

  /** What a request for that scope can begin with. */
  known(scope = ""): string | undefined {
    return this.#known.get(scope) ?? this.#basic;
  }

  /** Answers a challenge; undefined where there is nothing to answer with. @throws {CtrError} where no token is given */
  async answer(challenge: Challenge, purpose: TokenPurpose): Promise<string | undefined> {
    if (challenge.scheme === "basic") {
      const credentials = this.#credentials;
      if (credentials?.kind !== "basic") return undefined;
      return this.#basic = basic(credentials);
    }
    const token = `Bearer ${await this.#token(challenge, purpose)}`;
    this.#known.set(purpose.scope ?? "", token);
    return token;
  }

  async #token({ parameters }: Challenge, { endpoint, scope, what }: TokenPurpose): Promise<string> {
    const { registry } = endpoint;
    const url = realmOf(parameters.get("realm"), endpoint, what);
    const service = parameters.get("service");
    const scopes = scope ?? parameters.get("scope");
    const fields = new URLSearchParams();
    if (service !== undefined) fields.set("service", service);
    if (scopes !== undefined) fields.set("scope", scopes);
    const response = await this.#askService(url, fields);
    const text = await readText(response, MAX_ANSWER);
    if (!response.ok) {
      throw refused(what, { status: response.status, told: toldBy(text) }, {
        registry,
        hasCredentials: this.#credentials !== undefined,
      });
    }
    const token = tokenIn(text);
    if (token !== undefined) return token;
    throw protocolError(what, registry, "gives no token");
  }

  async #askService(url: URL, fields: URLSearchParams): Promise<Response> {
    const credentials = this.#credentials;
    if (credentials?.kind === "token") {
      fields.set("grant_type", "refresh_token");
      fields.set("client_id", CLIENT_ID);
      fields.set("refresh_token", credentials.identityToken);
      return await this.#fetch(url, { method: "POST", body: fields });
    }
    for (const [name, value] of fields) url.searchParams.append(name, value);
    return await this.#fetch(url, {
      headers: credentials === undefined ? {} : { authorization: basic(credentials) },
    });
  }
}

/** The service is told name and password: it must be as safe as the registry. */
function realmOf(
  realm: string | undefined,
  { isPlain, isLoopback: isLocal, registry }: Endpoint,
  what: string,
): URL {
  const url = realm === undefined ? null : URL.parse(realm);
  const isSafe = url !== null &&
    (url.protocol === "https:" || url.protocol === "http:" && isPlain && (!isLocal || isLoopback(url.host)));
  if (isSafe) return url;
  throw protocolError(what, registry, "names no safe service for its tokens");
}

function tokenIn(text: string): string | undefined {
  try {
    const { token, access_token: other } = JSON.parse(text) as Record<string, unknown>;
    const found = token ?? other;
    return typeof found === "string" && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function basic({ username, password }: Extract<Credentials, { kind: "basic" }>): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}
