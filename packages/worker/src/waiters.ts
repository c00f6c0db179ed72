interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

/** Whoever waits for a condition on something that says when it may have changed. */
export class Waiters {
  #waiters: readonly Waiter[] = [];

  /** Resolves once the condition holds; it is looked at now and at every {@link check}. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters = [...this.#waiters, { holds, resolve }];
    });
  }

  /** To be called after every change. */
  check(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ holds }) => !holds());
    for (const waiter of waiters) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }
}
