/** Longest time between two looks, in milliseconds. */
const MAX_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 10;

/** Looks within the shortest limit, so that it is noticed soon after it has passed. */
const LOOKS_PER_LIMIT = 4;

/** Lateness of a look that shows that the event loop was held up, in milliseconds: a sixth of the usual lease. */
const HELD_UP_MS = 5_000;

/** What a watchdog looks after. */
export interface WatchdogOptions {
  /** Limits that are watched, in milliseconds; 0 means none. */
  readonly limitsMs: readonly number[];
  readonly onLook: () => void;
  /** The event loop was held up for so long that nothing was heard or sent meanwhile. */
  readonly onHeldUp: (lateMs: number) => void;
}

/** Looks at regular intervals. It keeps the process alive only where that is asked for. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    const shortest = Math.min(...options.limitsMs.filter((ms) => ms > 0), MAX_INTERVAL_MS * LOOKS_PER_LIMIT);
    this.#intervalMs = Math.max(MIN_INTERVAL_MS, Math.floor(shortest / LOOKS_PER_LIMIT));
  }

  /** May be called twice; the second call can only add that the process is kept alive. */
  start(keepsProcessAlive: boolean): void {
    if (this.#timer === undefined) {
      this.#lookedAt = performance.now();
      this.#timer = setInterval(() => this.#look(), this.#intervalMs);
      if (!keepsProcessAlive) this.#timer.unref();
    } else if (keepsProcessAlive) {
      this.#timer.ref();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    const lateMs = now - this.#lookedAt - this.#intervalMs;
    this.#lookedAt = now;
    if (lateMs > HELD_UP_MS) this.#options.onHeldUp(lateMs);
    this.#options.onLook();
  }
}
