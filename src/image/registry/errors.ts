/** What can go wrong with a registry, in words. Pure. */

import { CtrError } from "../../errors.ts";

/** A registry that can't be asked. */
export function unreachable(registry: string, why: string, cause?: unknown): CtrError {
  return new CtrError("bad_state", `Cannot reach registry ${registry}: ${why}`, {
    hint: hintFor(registry, why),
    cause,
  });
}

function hintFor(registry: string, why: string): string {
  if (/certificate|UnknownIssuer/i.test(why)) {
    return `Put its certificate into /etc/containers/certs.d/${registry}/ca.crt`;
  }
  if (/InvalidContentType|corrupt message/.test(why)) {
    return "It answers by HTTP: registries that are not of this machine must have HTTPS";
  }
  return "Check the name, the network, and HTTPS_PROXY where there is a proxy";
}

/** Last part of the messages of fetch(), which say where they come from before they say what it is. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const text = cause instanceof Error ? cause.message : message;
  const inner = /client error \([^)]*\): (.*)$/s.exec(text)?.[1] ?? text;
  return inner.replace(/^(?:tcp connect error|dns error): /, "").replace(/ \(os error \d+\)$/, "");
}

/** An answer that says that it can't be done. */
export interface Refusal {
  /** Of HTTP. */
  readonly status: number;
  /** What it told, as it told it. */
  readonly told: string;
}

const MAX_TOLD = 300;

/** Words an answer that is none. `what` follows "Cannot". */
export function refused(
  what: string,
  { status, told }: Refusal,
  { registry, hasCredentials }: { readonly registry: string; readonly hasCredentials: boolean },
): CtrError {
  const said = told === ""
    ? `the registry answers ${status}`
    : `the registry answers ${status}: ${told.slice(0, MAX_TOLD)}`;
  if (status === 401 || status === 403) {
    return new CtrError("bad_state", `Cannot ${what}: ${said}`, {
      hint: hasCredentials
        ? `Check the name, and that this account may do so: "myctr login ${registry}" changes it`
        : `Check the name; a private one needs "myctr login ${registry}"`,
    });
  }
  if (status === 404) {
    return new CtrError("not_found", `Cannot ${what}: the registry does not have it`, {
      hint: "Check the name and the tag",
    });
  }
  if (status === 429) {
    return new CtrError("bad_state", `Cannot ${what}: ${said}`, {
      hint: `It counts who asks how often: wait, or write "myctr login ${registry}"`,
    });
  }
  return new CtrError("bad_state", `Cannot ${what}: ${said}`, { hint: "Try again later" });
}

/** Reads what a registry tells in its JSON. Source: OCI distribution-spec, "Error Codes". */
export function toldBy(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: readonly { code?: unknown; message?: unknown }[] };
    const [first] = errors ?? [];
    const words = [first?.code, first?.message].filter((word) => typeof word === "string" && word !== "");
    return words.join(", ").toLowerCase();
  } catch {
    return "";
  }
}

/** An answer that is not what the protocol says. */
export function protocolError(what: string, registry: string, why: string): CtrError {
  return new CtrError("bad_state", `Cannot ${what}: registry ${registry} ${why}`, {
    hint: "Tell who runs the registry, or use another one",
  });
}
