/**
 * Asks a registry: says who asks, follows redirects without telling others who that is, and tries again what may
 * succeed the next time. Source: OCI distribution-spec 1.1; the distribution project's "Token Authentication".
 */

import { bypassProxies } from "../../executable/caller_env.ts";
import { type Endpoint, isLoopback } from "./endpoint.ts";
import { chooseChallenge } from "./challenge.ts";
import { protocolError, reasonOf, refused, toldBy, unreachable } from "./errors.ts";
import type { Credentials } from "./credentials.ts";
import { NetworkError, PATIENCE_MS, readText, silence } from "./body.ts";
import { TokenSource } from "./tokens.ts";

/** What is asked. */
export interface RegistryRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  /** Behind the origin, or a whole address that the registry gave. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** What a token must allow: `repository:NAME:pull`. */
  readonly scope?: string;
  /** Answers beside 2xx that the caller understands. */
  readonly expected?: readonly number[];
  /** Follows "Cannot". */
  readonly what: string;
}

/** How a registry is asked. */
export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials | undefined;
  /** Certificates beside those that everybody trusts, and its own for the registry, as PEM. */
  readonly certificates?: {
    readonly authorities: readonly string[];
    readonly own?: { readonly cert: string; readonly key: string };
  };
  /** Milliseconds before each new attempt. */
  readonly delays?: readonly number[];
}

const DELAYS: readonly number[] = [500, 1000, 2000, 4000];
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What passes by itself. */
const TEMPORARY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** A registry that wants a longer break is left to the user. */
const MAX_BREAK_MS = 30_000;
const MAX_TOLD = 64 * 1024;

/** Speaks to one registry. */
export class RegistryClient implements Disposable {
  readonly endpoint: Endpoint;
  readonly #options: ClientOptions;
  readonly #http: Deno.HttpClient;
  readonly #tokens: TokenSource;

  constructor(options: ClientOptions) {
    const { endpoint, certificates } = options;
    this.endpoint = endpoint;
    this.#options = options;
    // A proxy is for the way out of this machine.
    if (endpoint.isLoopback) bypassProxies(new URL(endpoint.origin).hostname);
    this.#http = Deno.createHttpClient({
      caCerts: [...certificates?.authorities ?? []],
      ...certificates?.own,
    });
    this.#tokens = new TokenSource(options.credentials, (url, init) => this.#fetch(url, init));
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }

  get registry(): string {
    return this.endpoint.registry;
  }

  /** Asks until there is an answer that counts. @throws {CtrError} for any that is not expected */
  async ask(request: RegistryRequest): Promise<Response> {
    const { delays = DELAYS } = this.#options;
    for (let attempt = 0;; attempt++) {
      const response = await this.#tryOnce(request, attempt < delays.length);
      if (response === undefined) {
        await sleep(delays[attempt]!);
        continue;
      }
      const { status } = response;
      if (status >= 200 && status < 300 || request.expected?.includes(status)) return response;
      const breakMs = breakOf(response, delays[attempt] ?? Infinity);
      if (!TEMPORARY.has(status) || attempt >= delays.length || breakMs > MAX_BREAK_MS) {
        throw await this.#refusal(request, response);
      }
      await response.body?.cancel();
      await sleep(breakMs);
    }
  }

  /** Undefined where nobody answered, and may do so the next time. */
  async #tryOnce(request: RegistryRequest, mayFail: boolean): Promise<Response | undefined> {
    try {
      return await this.#authorized(request);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      if (mayFail && !isLasting(error)) return undefined;
      throw unreachable(this.registry, reasonOf(error.cause), error);
    }
  }

  async #authorized(request: RegistryRequest): Promise<Response> {
    const known = this.#tokens.known(request.scope);
    const response = await this.#follow(request, known);
    if (response.status !== 401) return response;
    const challenge = chooseChallenge(response.headers.get("www-authenticate") ?? "");
    if (challenge === undefined) return response;
    const authorization = await this.#tokens.answer(challenge, {
      endpoint: this.endpoint,
      what: request.what,
      ...(request.scope !== undefined && { scope: request.scope }),
    });
    // Nothing better to say than before.
    if (authorization === undefined || authorization === known) return response;
    await response.body?.cancel();
    return await this.#follow(request, authorization);
  }

  async #follow(request: RegistryRequest, authorization: string | undefined): Promise<Response> {
    const { endpoint } = this;
    let url = this.#target(request.path, new URL(endpoint.origin), request.what);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const isHome = url.origin === endpoint.origin;
      const response = await this.#fetch(url, {
        method: request.method ?? "GET",
        headers: { ...request.headers, ...(isHome && authorization !== undefined && { authorization }) },
        ...(request.body !== undefined && { body: request.body }),
      });
      const target = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
      if (target === null) return response;
      await response.body?.cancel();
      url = this.#target(target, url, request.what);
    }
    throw protocolError(request.what, this.registry, "redirects without end");
  }

  #target(location: string, from: URL, what: string): URL {
    let url: URL;
    try {
      url = new URL(location, from);
    } catch {
      throw protocolError(what, this.registry, "redirects to nowhere");
    }
    const own = new URL(this.endpoint.origin);
    // A registry behind a proxy does not know that it was asked by HTTPS.
    if (url.host === own.host) url.protocol = own.protocol;
    this.#refuseUnsafe(url, what);
    return url;
  }

  /** What a registry refers to must be as safe as it is itself. @throws {CtrError} */
  #refuseUnsafe(url: URL, what: string): void {
    const isAllowed = url.protocol === "https:" ||
      url.protocol === "http:" && this.endpoint.isPlain &&
        (!this.endpoint.isLoopback || isLoopback(url.host));
    if (isAllowed) return;
    throw protocolError(what, this.registry, `refers to ${url.protocol}//${url.host}, which is not safe`);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(silence()), PATIENCE_MS);
    try {
      return await fetch(url, {
        ...init,
        client: this.#http,
        redirect: "manual",
        signal: controller.signal,
      });
    } catch (cause) {
      throw new NetworkError(`no answer from ${url.host}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #refusal({ what }: RegistryRequest, response: Response): Promise<Error> {
    const { status } = response;
    const told = toldBy(await readText(response, MAX_TOLD).catch(() => ""));
    return refused(what, { status, told }, {
      registry: this.registry,
      hasCredentials: this.#options.credentials !== undefined,
    });
  }
}

/** Nobody listens, or the name is not known: that does not change within seconds. */
function isLasting({ cause }: NetworkError): boolean {
  return /client error \(Connect\)|blocked/.test(`${cause} ${(cause as Error).cause}`);
}

function breakOf(response: Response, otherwise: number): number {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : otherwise;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
