import type { Delivery } from "@chicory/core";

/** Consumed places at the front after which the arrays are cut, if they are also more than half of them. */
const CUT_AT = 64;

/** Deliveries that were fetched and not started, in the order of arrival, with the time of arrival of each. */
export class WaitingLine {
  #deliveries: Delivery[] = [];
  #arrivedAt: number[] = [];
  #front = 0;

  get length(): number {
    return this.#deliveries.length - this.#front;
  }

  /** Appends deliveries that arrived at `now`, in milliseconds of any monotonic clock. */
  push(deliveries: readonly Delivery[], now: number): void {
    for (const delivery of deliveries) {
      this.#deliveries.push(delivery);
      this.#arrivedAt.push(now);
    }
  }

  /** Removes and returns the one at the front. */
  shift(): Delivery | undefined {
    const delivery = this.#deliveries[this.#front];
    if (delivery === undefined) return undefined;
    this.#front += 1;
    if (this.length === 0) {
      this.#cut();
    } else if (this.#front >= CUT_AT && this.#front * 2 > this.#deliveries.length) {
      this.#cut();
    }
    return delivery;
  }

  /** Removes and returns those that arrived before `time`. */
  takeArrivedBefore(time: number): readonly Delivery[] {
    const taken: Delivery[] = [];
    while (this.length > 0 && (this.#arrivedAt[this.#front] ?? time) < time) {
      const delivery = this.shift();
      if (delivery !== undefined) taken.push(delivery);
    }
    return taken;
  }

  /** Removes and returns all. */
  takeAll(): readonly Delivery[] {
    const taken = this.#deliveries.slice(this.#front);
    this.#deliveries = [];
    this.#arrivedAt = [];
    this.#front = 0;
    return taken;
  }

  /** Removes and returns those among `unwanted`. */
  remove(unwanted: ReadonlySet<Delivery>): readonly Delivery[] {
    this.#cut();
    const stays = this.#deliveries.map((delivery) => !unwanted.has(delivery));
    const removed = this.#deliveries.filter((_, index) => !stays[index]);
    this.#deliveries = this.#deliveries.filter((_, index) => stays[index]);
    this.#arrivedAt = this.#arrivedAt.filter((_, index) => stays[index]);
    return removed;
  }

  #cut(): void {
    this.#deliveries.splice(0, this.#front);
    this.#arrivedAt.splice(0, this.#front);
    this.#front = 0;
  }
}
