import { indexOf, type Payload } from "../payload.js";

/** Counts executions of each task of a round, so that a contender cannot look fast by losing or repeating some. */
export class Tally {
  readonly #seen: Uint8Array;
  #count = 0;
  #firstAt: number | undefined;

  /** For tasks with the payloads 0 up to and without `expected`. */
  constructor(expected: number) {
    this.#seen = new Uint8Array(expected);
  }

  /** Counts one execution. */
  add(payload: Payload): void {
    this.#firstAt ??= performance.now();
    this.#count += 1;
    const index = indexOf(payload);
    this.#seen[index] = Math.min((this.#seen[index] ?? 0) + 1, 255);
  }

  /** Executions so far. */
  get count(): number {
    return this.#count;
  }

  /** When the first task was executed, in milliseconds as `performance.now` gives them. */
  get firstAt(): number {
    if (this.#firstAt === undefined) throw new Error("No task was executed");
    return this.#firstAt;
  }

  /** Throws unless each task was executed exactly once. */
  assertEachOnce(): void {
    const missing = this.#seen.filter((times) => times === 0).length;
    const repeated = this.#seen.filter((times) => times > 1).length;
    if (missing === 0 && repeated === 0 && this.#count === this.#seen.length) return;
    const stray = this.#count > this.#seen.length && repeated === 0 ? ", strangers among them" : "";
    throw new Error(
      `Of ${this.#seen.length} tasks ${missing} were not executed and ${repeated} more than once (${this.#count} executions${stray})`,
    );
  }
}
