/** First and longest pause in milliseconds: soon enough for a blip, seldom enough for a server that starts up. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Doublings after which the longest pause is reached for certain. */
const MAX_DOUBLINGS = 10;

/** Pauses between attempts: doubled each time, and cut by up to a half at random so that workers do not come in step. */
export class Backoff {
  #failures = 0;

  /** The next pause in milliseconds. */
  next(): number {
    const grown = FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, MAX_DOUBLINGS);
    this.#failures += 1;
    return Math.min(grown, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
  }

  /** Begins again with the first pause. */
  reset(): void {
    this.#failures = 0;
  }
}
