/** Lateness of a timer that shows that the event loop was held up, in milliseconds. */
const HELD_UP_MS = 100;

/** Time for what came in while the loop was held up to be read, in milliseconds. */
const READ_MS = 1_000;

/**
 * Watches that the commands of one connection are answered in time; answers come in the order of the commands. Time in
 * which the event loop was held up does not count against the server: timers run before sockets are read, so an answer
 * that came long ago would be given up.
 */
export class AnswerWatch {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  /** When each command was written; those before the head are answered. */
  #writtenAt: number[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `onSilence` is called when a command has waited for longer than `limitMs`. */
  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
  }

  /** A command was written. */
  written(): void {
    this.#writtenAt.push(performance.now());
    if (this.#timer === undefined) this.#arm(this.#limitMs);
  }

  /** The command that has waited longest was answered. */
  answered(): void {
    this.#head += 1;
    if (this.#head < this.#writtenAt.length) return;
    this.#writtenAt = [];
    this.#head = 0;
  }

  /** Watches no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    const dueAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#look(dueAt), ms).unref();
  }

  #look(dueAt: number): void {
    this.#timer = undefined;
    const oldest = this.#writtenAt[this.#head];
    if (oldest === undefined) return;
    const now = performance.now();
    if (now - dueAt > HELD_UP_MS) this.#arm(READ_MS);
    else if (now - oldest < this.#limitMs) this.#arm(this.#limitMs - (now - oldest));
    else this.#onSilence();
  }
}
