import { Backoff } from "./backoff.js";

/** Since when something does not work, and why. */
export class Outage {
  readonly #backoff = new Backoff();
  #since: number | undefined;
  #failedAt = 0;
  #error: unknown;

  /** Notes a failure and returns the pause before the next attempt, in milliseconds. */
  fail(error: unknown): number {
    this.#failedAt = performance.now();
    this.#since ??= this.#failedAt;
    this.#error = error;
    return this.#backoff.next();
  }

  /** Notes that it works. */
  end(): void {
    if (this.#since === undefined) return;
    this.#since = undefined;
    this.#error = undefined;
    this.#backoff.reset();
  }

  /** How long it has lasted, in milliseconds; 0 if it works. */
  get durationMs(): number {
    return this.#since === undefined ? 0 : performance.now() - this.#since;
  }

  /** How long ago the last failure was, in milliseconds; 0 if it works. */
  get quietMs(): number {
    return this.#since === undefined ? 0 : performance.now() - this.#failedAt;
  }

  /** The last failure; undefined if it works. */
  get error(): unknown {
    return this.#error;
  }
}
