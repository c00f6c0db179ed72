import type { DeadLetter, DeadLetterRecord, Delivery } from "@chicory/core";

/** A dead letter for a delivery, as a worker would write it. */
export function letterOf(delivery: Delivery, fields: Partial<DeadLetterRecord> = {}): DeadLetter {
  return {
    body: delivery.body,
    record: {
      reason: "retries-exhausted",
      queue: delivery.queue,
      failedAt: 1_700_000_000_000,
      attempts: 3,
      deliveryCount: delivery.deliveryCount,
      ...fields,
    },
  };
}
