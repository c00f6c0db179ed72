import type { Consumer, Delivery } from "@chicory/core";
import { entryBody } from "./entry-body.js";

/**
 * Where a delivery stands. `settling` means that its settlement is on the way; one that fails makes it `held` again.
 */
export type DeliveryState = "held" | "settling" | "settled" | "lost";

/**
 * Most parts, names and values, of an entry that a script can pass on: Lua puts no more than 8,000 values on its stack,
 * and fails as a whole, with everything that the script was to settle.
 */
const MAX_FIELDS = 7_000;

/** A delivery with what this driver must know to settle it. */
export class RedisDelivery implements Delivery {
  /** The entry's id, with the priority's stream behind it unless that is the default one. Unique in the queue. */
  readonly id: string;
  readonly redelivered: boolean;
  state: DeliveryState = "held";
  /** Who it was handed out to; undefined while it waits for a receive. */
  consumer: Consumer | undefined;
  /** Where it stands among those that are held. */
  place = -1;

  constructor(
    readonly queue: string,
    readonly priority: number,
    /** Id in the stream of its priority. */
    readonly entryId: string,
    readonly body: Uint8Array,
    readonly deliveryCount: number,
    /** Monotonic time of the last moment at which the server certainly knew this lease, in milliseconds. */
    public leasedAt: number,
    /** Whether its entry has so many fields that no script can write it again as it is: see {@link MAX_FIELDS}. */
    readonly isWide = false,
  ) {
    this.id = deliveryId(priority, entryId);
    this.redelivered = deliveryCount > 1;
  }
}

/** The delivery of an entry: of its body alone, or of all its fields where somebody else wrote it. */
export function deliveryOf(
  queue: string,
  priority: number,
  entryId: string,
  content: Buffer | readonly Buffer[],
  count: number,
  leasedAt: number,
): RedisDelivery {
  if (Buffer.isBuffer(content)) return new RedisDelivery(queue, priority, entryId, content, count, leasedAt);
  const isWide = content.length > MAX_FIELDS;
  return new RedisDelivery(queue, priority, entryId, entryBody(content), count, leasedAt, isWide);
}

/** Names an entry among all streams of its queue. */
function deliveryId(priority: number, entryId: string): string {
  return priority === 0 ? entryId : `${entryId}/p${priority}`;
}
