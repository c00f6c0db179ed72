/** Weight of the newest sample in the moving averages: about the last eight count. */
const WEIGHT = 1 / 8;

/**
 * Decides whether to fetch more than can run. Fetching ahead hides the round trip of a fetch, which matters only where
 * handlers end sooner than a fetch comes back; where they do not, a delivery that waits here could run elsewhere.
 */
export class LookAhead {
  readonly #enabled: boolean;
  #handlerMs: number | undefined;
  #fetchMs: number | undefined;
  #backlog = false;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Whether to fetch ahead now. */
  get worthwhile(): boolean {
    return (
      this.#enabled &&
      this.#backlog &&
      this.#handlerMs !== undefined &&
      this.#fetchMs !== undefined &&
      this.#handlerMs < this.#fetchMs
    );
  }

  /** Notes how long a handler took. */
  handled(durationMs: number): void {
    this.#handlerMs = average(this.#handlerMs, durationMs);
  }

  /**
   * Notes a fetch. One that did not bring all that it asked for found the queue empty: then nothing is fetched ahead,
   * and its duration says how long messages took to come, not how long a round trip takes. The same goes for the first
   * full fetch after that.
   */
  fetched(durationMs: number, full: boolean): void {
    if (full && this.#backlog) this.#fetchMs = average(this.#fetchMs, durationMs);
    this.#backlog = full;
  }

  /** Notes that deliveries waited here too long: handlers are at least that slow. */
  waitedTooLong(durationMs: number): void {
    this.#handlerMs = Math.max(this.#handlerMs ?? 0, durationMs);
    this.#backlog = false;
  }
}

function average(old: number | undefined, sample: number): number {
  return old === undefined ? sample : old + (sample - old) * WEIGHT;
}
