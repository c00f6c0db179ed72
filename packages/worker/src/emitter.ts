import type { Logger } from "@chicory/core";

type Listener<TPayload> = (payload: TPayload) => void;

/**
 * Typed events. A listener that throws is logged and harms nobody: not the task that the event is about, nor other
 * listeners. There is no event whose missing listener would be an error.
 */
export class Emitter<TEvents extends object> {
  readonly #logger: Logger;
  readonly #listeners: { [TName in keyof TEvents]?: readonly Listener<TEvents[TName]>[] } = {};

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Calls the listener at every such event, until the returned function is called. */
  on<TName extends keyof TEvents>(name: TName, listener: Listener<TEvents[TName]>): () => void {
    // One function may listen twice: each subscription has an identity of its own.
    const entry: Listener<TEvents[TName]> = (payload) => listener(payload);
    this.#listeners[name] = [...(this.#listeners[name] ?? []), entry];
    return () => {
      this.#listeners[name] = this.#listeners[name]?.filter((other) => other !== entry) ?? [];
    };
  }

  /** Whether anybody listens, so that a payload that nobody wants need not be made. */
  has(name: keyof TEvents): boolean {
    const listeners = this.#listeners[name];
    return listeners !== undefined && listeners.length > 0;
  }

  emit<TName extends keyof TEvents>(name: TName, payload: TEvents[TName]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(payload);
      } catch (error) {
        this.#logger.error({ err: error, event: name }, "A listener of a worker's event failed");
      }
    }
  }
}
