/** The longest that a timer of Node can hold; it would fire at once beyond it. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A point in time that can be brought forward. Its timer keeps the process alive, since somebody waits for it: cancel
 * it when nobody does any more.
 */
export class Deadline {
  /** Resolves when the time has come; never if it was cancelled before. */
  readonly passed: Promise<void>;
  readonly #pass: () => void;
  #at: number;
  #timer: NodeJS.Timeout;
  #hasPassed = false;

  constructor(ms: number) {
    let pass: () => void = () => undefined;
    this.passed = new Promise((resolve) => {
      pass = resolve;
    });
    this.#pass = () => {
      this.#hasPassed = true;
      pass();
    };
    this.#at = performance.now() + ms;
    this.#timer = setTimeout(this.#pass, Math.min(ms, MAX_TIMER_MS));
  }

  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** Brings the deadline forward to `ms` from now, if that is earlier. */
  tighten(ms: number): void {
    const at = performance.now() + ms;
    if (this.#hasPassed || at >= this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#pass, Math.min(ms, MAX_TIMER_MS));
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

/** Waits for something, but no longer than `ms`. Resolves to whether it ended in time; rejects as it does. */
export async function within(ms: number, something: Promise<unknown>): Promise<boolean> {
  const deadline = new Deadline(ms);
  try {
    return await Promise.race([something.then(() => true), deadline.passed.then(() => false)]);
  } finally {
    deadline.cancel();
  }
}
