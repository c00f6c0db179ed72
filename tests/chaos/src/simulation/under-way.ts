/** What was set in motion and is not over. */
export class UnderWay {
  readonly #works = new Set<Promise<unknown>>();

  get size(): number {
    return this.#works.size;
  }

  begin(work: Promise<unknown>): void {
    const watched = work.finally(() => this.#works.delete(watched));
    this.#works.add(watched);
  }

  /** Resolves when all that is under way now is over; rejects as the first of it does. */
  async over(): Promise<void> {
    await Promise.all(this.#works);
  }
}
