import type { Consumer, Delivery } from "@chicory/core";

/**
 * Where a delivery stands. `settling` means that its settlement is on the way; one that fails makes it `held` again.
 */
export type DeliveryState = "held" | "settling" | "settled" | "lost";

/** A delivery with what this driver must know to settle it. */
export class RedisDelivery implements Delivery {
  /** The entry's id, with the priority's stream behind it unless that is the default one. Unique in the queue. */
  readonly id: string;
  readonly redelivered: boolean;
  state: DeliveryState = "held";
  /** Who it was handed out to; undefined while it waits for a receive. */
  consumer: Consumer | undefined;

  constructor(
    readonly queue: string,
    readonly priority: number,
    /** Id in the stream of its priority. */
    readonly entryId: string,
    readonly body: Uint8Array,
    readonly deliveryCount: number,
    /** Monotonic time of the last moment at which the server certainly knew this lease, in milliseconds. */
    public leasedAt: number,
  ) {
    this.id = deliveryId(priority, entryId);
    this.redelivered = deliveryCount > 1;
  }
}

/** Names an entry among all streams of its queue. */
export function deliveryId(priority: number, entryId: string): string {
  return priority === 0 ? entryId : `${entryId}/p${priority}`;
}
