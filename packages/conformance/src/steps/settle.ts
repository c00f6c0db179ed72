import assert from "node:assert/strict";
import { type Consumer, type Delivery, type Settlement, SettlementError } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { pause } from "./eventually.js";

/** Pause before a settlement is repeated that did not certainly take, in milliseconds. */
const AGAIN_MS = 20;

/** Acks deliveries; every one must take. */
export async function ack(consumer: Consumer, deliveries: readonly Delivery[]): Promise<void> {
  await settleAll(
    consumer,
    deliveries.map((delivery) => ({ kind: "ack", delivery })),
  );
}

/** Settles; every one must take. */
export async function settleAll(consumer: Consumer, settlements: readonly Settlement[]): Promise<void> {
  const { lost } = await consumer.settle(settlements);
  assert.deepEqual(idsOf(lost), [], "deliveries were reported as lost that their consumer still held");
}

/** Settles one delivery that must be reported as lost. */
export async function settleLost(consumer: Consumer, settlement: Settlement): Promise<void> {
  const { lost } = await consumer.settle([settlement]);
  assert.deepEqual(idsOf(lost), [settlement.delivery.id], `a ${settlement.kind} took that should have been lost`);
  assert.equal(lost[0], settlement.delivery, "the lost delivery is another object than the one that was settled");
}

/** Settles, and repeats what did not certainly take while the connection is broken. Returns what was lost. */
export async function settleThroughFaults(
  context: ScenarioContext,
  consumer: Consumer,
  settlements: readonly Settlement[],
): Promise<readonly Delivery[]> {
  const deadline = performance.now() + context.patienceMs;
  let open = settlements;
  for (;;) {
    try {
      return (await consumer.settle(open)).lost;
    } catch (error) {
      if (!(error instanceof SettlementError) || performance.now() >= deadline) throw error;
      open = error.failed;
    }
    await pause(AGAIN_MS);
  }
}

/** Ids of deliveries, for comparisons. */
export function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) => delivery.id);
}
