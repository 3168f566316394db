/** Gives memory back while much passes through: V8 sees small objects alone, and not what they hold. */

/** Bytes that may pass before it is done again. */
const STEP = 8 * 1024 * 1024;

let passed = 0;

/** To be told of bytes that have passed, and that nobody holds any more. */
export function notePassed(bytes: number): void {
  passed += bytes;
  if (passed < STEP) return;
  passed = 0;
  // There with --expose-gc. Young objects die young: that takes a millisecond.
  (globalThis as { gc?: (options: { type: "minor" }) => void }).gc?.({ type: "minor" });
}
