import type { Delivery } from "@chicory/core";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";

interface Waiter {
  readonly max: number;
  readonly resolve: (deliveries: readonly Delivery[]) => void;
  readonly reject: (error: Error) => void;
}

/** Where messages that have arrived meet the calls that wait for some, both in their order. */
export class ReceiveLine {
  readonly #kept: RabbitmqDelivery[] = [];
  readonly #waiters: Waiter[] = [];
  #closed = false;
  #serving = false;

  /** Whether a call waits. */
  get wanted(): boolean {
    return this.#waiters.length > 0;
  }

  /** How many messages wait to be received. */
  get kept(): number {
    return this.#kept.length;
  }

  /** Resolves with 1 to `max` deliveries; with none once the signal aborts or the line is closed. */
  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (this.#closed || signal.aborted) return Promise.resolve([]);
    if (this.#kept.length > 0 && this.#waiters.length === 0) return Promise.resolve(this.#take(max));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        leave();
        resolve([]);
      };
      const waiter: Waiter = {
        max,
        resolve: (deliveries) => {
          leave();
          resolve(deliveries);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** A message has arrived and is due. */
  push(delivery: RabbitmqDelivery): void {
    this.#kept.push(delivery);
    if (this.#waiters.length === 0 || this.#serving) return;
    // What arrives in the same turn is handed out together.
    this.#serving = true;
    setImmediate(() => {
      this.#serving = false;
      this.#serve();
    });
  }

  /** Takes out everything that nobody has received. */
  drain(): RabbitmqDelivery[] {
    return this.#kept.splice(0);
  }

  /** Puts back what was taken out, before what has arrived since. */
  restore(deliveries: readonly RabbitmqDelivery[]): void {
    this.#kept.unshift(...deliveries);
    this.#serve();
  }

  /** Forgets messages that cannot be settled any more. */
  forget(isGone: (delivery: RabbitmqDelivery) => boolean): void {
    const left = this.#kept.filter((delivery) => !isGone(delivery));
    this.#kept.splice(0, this.#kept.length, ...left);
  }

  /** Every call that waits rejects. */
  fail(error: Error): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  /** Every call, now and later, resolves with nothing. */
  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiters]) waiter.resolve([]);
  }

  #serve(): void {
    while (this.#kept.length > 0) {
      const [waiter] = this.#waiters;
      if (waiter === undefined) return;
      waiter.resolve(this.#take(waiter.max));
    }
  }

  #take(max: number): readonly Delivery[] {
    const taken = this.#kept.splice(0, max);
    for (const delivery of taken) delivery.state = "open";
    return taken;
  }
}
