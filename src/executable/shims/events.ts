/** Stands in for node:events in commander, which tells options and help texts by events. */

type Listener = (...values: unknown[]) => void;

/** The part of Node's class that commander uses: listeners are called in order, at once. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...this.listeners(event), listener]);
    return this;
  }

  emit(event: string, ...values: unknown[]): boolean {
    const listeners = this.listeners(event);
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }

  listeners(event: string): readonly Listener[] {
    return this.#listeners.get(event) ?? [];
  }

  listenerCount(event: string): number {
    return this.listeners(event).length;
  }
}
