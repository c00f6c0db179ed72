import type { Consumer } from "@chicory/core";
import { deliveryId, type RedisDelivery } from "./redis-delivery.js";

/** Every delivery of a queue that this process must keep leased: handed out or waiting, and not settled. */
export class HeldDeliveries {
  readonly #deliveries = new Map<string, RedisDelivery>();

  get size(): number {
    return this.#deliveries.size;
  }

  /** Adds a delivery. Returns false if its entry is held already: it came by two ways, and must be handed out once. */
  add(delivery: RedisDelivery): boolean {
    if (this.#deliveries.has(delivery.id)) return false;
    this.#deliveries.set(delivery.id, delivery);
    return true;
  }

  /** Forgets a delivery that was settled or lost. */
  remove(delivery: RedisDelivery): void {
    this.#deliveries.delete(delivery.id);
  }

  /** Whether this process holds that entry. */
  has(priority: number, entryId: string): boolean {
    return this.#deliveries.has(deliveryId(priority, entryId));
  }

  /** All of them, as they are now. */
  all(): readonly RedisDelivery[] {
    return [...this.#deliveries.values()];
  }

  /** Those that a consumer holds; of undefined, those that wait for a receive. */
  of(consumer: Consumer | undefined): readonly RedisDelivery[] {
    return this.all().filter((delivery) => delivery.consumer === consumer);
  }
}
