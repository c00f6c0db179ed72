/** Longest wait until the server is asked anew, in milliseconds: its clock may have been set meanwhile. */
const MAX_WAIT_MS = 60_000;

/** Rings when the next delayed message of a queue is due. */
export class DueTimer {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Sets the time anew, in milliseconds from now; a negative one for never. */
  set(ms: number): void {
    this.stop();
    if (ms < 0) return;
    this.#timer = setTimeout(this.#ring, Math.min(ms, MAX_WAIT_MS)).unref();
  }

  /** Rings no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
