import assert from "node:assert/strict";
import type { BrokerDriver, QueueDepth } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { eventually } from "./eventually.js";

/** Counts that a scenario expects; those it leaves out must be zero. */
export type ExpectedDepth = Partial<Omit<QueueDepth, "queue">>;

/**
 * Waits until the queue's depth is the expected one, since a broker may count with a delay. Only for moments at which
 * no open consumer has credits left: a driver that pushes counts what it pushed as in flight.
 */
export async function expectDepth(
  context: ScenarioContext,
  driver: BrokerDriver,
  expected: ExpectedDepth,
  queue = context.queue,
): Promise<void> {
  await eventually(context, async () => assertDepth(context, await driver.admin.depth(queue), { ...expected, queue }));
}

/**
 * Waits until one message is counted as delayed. On a machine so slow that the first look at it comes when it is due,
 * it may be ready or in flight instead.
 */
export async function expectDelayed(context: ScenarioContext, driver: BrokerDriver, notBefore: number): Promise<void> {
  let isFirst = true;
  await eventually(context, async () => {
    const depth = await driver.admin.depth(context.queue);
    const isLate = isFirst && (await context.harness.now()) >= notBefore;
    isFirst = false;
    if (isLate) assert.ok(depth.ready + (depth.delayed ?? 0) + (depth.inFlight ?? 0) <= 1, "there is more than one");
    else assertDepth(context, depth, { queue: context.queue, delayed: 1 });
  });
}

function assertDepth(
  context: ScenarioContext,
  depth: QueueDepth,
  expected: ExpectedDepth & Pick<QueueDepth, "queue">,
): void {
  const { counts } = context.capabilities;
  const { ready = 0, delayed = 0, inFlight = 0 } = expected;
  // Where delayed messages are not counted, those that are due in a moment may pass for ready ones.
  const mayBeReady = !counts.delayed && depth.ready > ready && depth.ready <= ready + delayed;
  assert.deepEqual(depth, {
    deadLetters: 0,
    ...expected,
    ready: mayBeReady ? depth.ready : ready,
    delayed: counts.delayed ? delayed : undefined,
    inFlight: counts.inFlight ? inFlight : undefined,
  });
}

/** Waits until this many messages are ready or in flight, whichever of the two; the other counts as expected. */
export async function expectUnsettled(
  context: ScenarioContext,
  driver: BrokerDriver,
  unsettled: number,
  expected: Omit<ExpectedDepth, "ready" | "inFlight"> = {},
): Promise<void> {
  await eventually(context, async () => {
    const { counts } = context.capabilities;
    const { ready, inFlight, delayed, deadLetters } = await driver.admin.depth(context.queue);
    // Where deliveries in flight are not counted, those that are ready can only be fewer.
    assert.deepEqual(
      { unsettled: inFlight === undefined && ready <= unsettled ? unsettled : ready + (inFlight ?? 0), deadLetters },
      { unsettled, deadLetters: expected.deadLetters ?? 0 },
    );
    assert.equal(delayed, counts.delayed ? (expected.delayed ?? 0) : undefined);
  });
}

/** Waits until the broker keeps nothing more for the queue: settled means deleted. */
export async function expectNothingStored(context: ScenarioContext, queue = context.queue): Promise<void> {
  await eventually(context, async () => {
    assert.equal(await context.harness.storedCount(queue), 0, "the broker still keeps something of settled messages");
  });
}
