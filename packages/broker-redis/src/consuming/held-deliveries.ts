import type { Consumer } from "@chicory/core";
import { compareEntryIds } from "./entry-id.js";
import type { RedisDelivery } from "./redis-delivery.js";

/**
 * Every delivery of a queue that this process must keep leased: handed out or waiting, and not settled.
 *
 * They are in an array, and not in a map by id: a map that entries come to and go from is copied again and again, each
 * old copy refers to the next, and the garbage collector takes all that was ever in one of them for alive.
 */
export class HeldDeliveries {
  readonly #deliveries: RedisDelivery[] = [];
  /** The newest entry of each priority since there was none. */
  readonly #newest: (string | undefined)[] = [];

  get size(): number {
    return this.#deliveries.length;
  }

  /** Adds a delivery. Returns false if its entry is held already: it came by two ways, and must be handed out once. */
  add(delivery: RedisDelivery): boolean {
    const { priority, entryId } = delivery;
    if (this.#isNew(priority, entryId)) this.#newest[priority] = entryId;
    else if (this.has(priority, entryId)) return false;
    delivery.place = this.#deliveries.length;
    this.#deliveries.push(delivery);
    return true;
  }

  /** Forgets a delivery that was settled or lost. */
  remove(delivery: RedisDelivery): void {
    const { place } = delivery;
    if (this.#deliveries[place] !== delivery) return;
    const last = this.#deliveries.pop();
    if (last !== undefined && last !== delivery) {
      this.#deliveries[place] = last;
      last.place = place;
    }
    if (this.#deliveries.length === 0) this.#newest.length = 0;
  }

  /** Whether this process holds that entry. */
  has(priority: number, entryId: string): boolean {
    if (this.#isNew(priority, entryId)) return false;
    return this.#deliveries.some((delivery) => delivery.entryId === entryId && delivery.priority === priority);
  }

  /** All of them, as they are now, in no order. */
  all(): readonly RedisDelivery[] {
    return [...this.#deliveries];
  }

  /** Those that a consumer holds; of undefined, those that wait for a receive. The oldest come first. */
  of(consumer: Consumer | undefined): readonly RedisDelivery[] {
    const own = this.#deliveries.filter((delivery) => delivery.consumer === consumer);
    return own.sort((one, other) => compareEntryIds(one.entryId, other.entryId));
  }

  /** Whether an entry is newer than all that are held of its priority, as nearly every one is that comes in. */
  #isNew(priority: number, entryId: string): boolean {
    const newest = this.#newest[priority];
    return newest === undefined || compareEntryIds(entryId, newest) > 0;
  }
}
