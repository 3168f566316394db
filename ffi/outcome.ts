/** What a system call came to, as a value: nothing in `ffi/` throws because a call failed. */

import { ERRNO, errnoName, errnoText } from "./constants/errno.ts";

/** A value, or the number of an error. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errno: number };

/** A call that failed. */
export type Failure = Extract<Outcome<never>, { ok: false }>;

/** Makes the outcome of something done. */
export function success<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** Makes the outcome of something that failed with `errno`. */
export function failure(errno: number): Failure {
  return { ok: false, errno };
}

/** Wraps the result of a system call: `outcome(syscall("close", 3))`. */
export function outcome(value: number): Outcome<number> {
  return value < 0 ? failure(-value) : success(value);
}

/** Makes a call again for as long as a signal interrupts it. */
export function retryInterrupted<T>(call: () => Outcome<T>): Outcome<T> {
  while (true) {
    const result = call();
    if (result.ok || result.errno !== ERRNO.EINTR) return result;
  }
}

/** The same for a call on another thread. */
export async function retryInterruptedAsync<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  while (true) {
    const result = await call();
    if (result.ok || result.errno !== ERRNO.EINTR) return result;
  }
}

/** Gives the outcome of `next` with the value, or the failure as it is. */
export function andThen<T, U>(result: Outcome<T>, next: (value: T) => Outcome<U>): Outcome<U> {
  return result.ok ? next(result.value) : result;
}

/**
 * Gives the value of an outcome where a failure is a bug or is caught at once.
 *
 * @throws {Error} the call failed; the message has `what`, the errno's name and its text.
 */
export function unwrap<T>(result: Outcome<T>, what: string): T {
  if (result.ok) return result.value;
  throw new Error(`${what}: ${errnoName(result.errno)} (${errnoText(result.errno)})`);
}
