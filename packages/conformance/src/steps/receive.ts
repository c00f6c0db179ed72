import assert from "node:assert/strict";
import { BrokerError, type Consumer, type Delivery } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { elapseUntil, pause, promptly } from "./eventually.js";

/** Slack for what a driver promises "within" some time, in milliseconds: for the round trips and a busy machine. */
export const SLACK_MS = 5_000;

/** How long silence is listened to where nothing must come, in milliseconds of broker time. */
const QUIET_MS = 250;

/** Pause before a receive is repeated whose connection broke, in milliseconds. */
const AGAIN_MS = 20;

/** Bytes of a delivery as text, for bodies that are text. */
export function textOf(delivery: Delivery): string {
  return Buffer.from(delivery.body).toString("utf8");
}

/** Texts of deliveries, in their order. */
export function textsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(textOf);
}

/** One receive that must bring something in the scenario's patience. */
export async function receiveSome(
  context: ScenarioContext,
  consumer: Consumer,
  max = 100,
): Promise<readonly Delivery[]> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), context.patienceMs);
  try {
    const deliveries = await consumer.receive(max, abort.signal);
    assert.ok(!abort.signal.aborted, "the receive did not end in time");
    assert.ok(deliveries.length > 0, "the receive resolved empty");
    assert.ok(deliveries.length <= max, `receive(${max}) brought ${deliveries.length} deliveries`);
    return deliveries;
  } finally {
    clearTimeout(timer);
  }
}

/** Receives until exactly `count` deliveries are there, and none of them twice. */
export async function receiveExactly(context: ScenarioContext, consumer: Consumer, count: number): Promise<Delivery[]> {
  const received: Delivery[] = [];
  while (received.length < count) {
    try {
      received.push(...(await receiveSome(context, consumer, count - received.length)));
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      throw new assert.AssertionError({
        message: `${error.message}: ${received.length} of ${count} messages came (${textsOf(received).slice(0, 20)})`,
      });
    }
  }
  return received;
}

/** Receives exactly one delivery. */
export async function receiveOne(context: ScenarioContext, consumer: Consumer): Promise<Delivery> {
  const [delivery] = await receiveSome(context, consumer, 1);
  assert.ok(delivery);
  return delivery;
}

/** Asserts that nothing comes while broker time passes. */
export async function receiveNothing(context: ScenarioContext, consumer: Consumer, ms = QUIET_MS): Promise<void> {
  const abort = new AbortController();
  const receiving = consumer.receive(100, abort.signal);
  // Observed below; until then a rejection must not count as unhandled.
  receiving.catch(() => undefined);
  await context.harness.elapse(ms);
  abort.abort();
  const deliveries = await promptly(context, "an aborted receive", receiving);
  assert.deepEqual(textsOf(deliveries), [], "a message was handed out that should not have been");
}

/**
 * Receives `count` deliveries while broker time passes, at most `maxMs` of it. Rejects when they do not come. With
 * each delivery comes the broker's time at which it was seen.
 */
export async function receiveOverTime(
  context: ScenarioContext,
  consumer: Consumer,
  count: number,
  maxMs: number,
): Promise<{ readonly delivery: Delivery; readonly at: number }[]> {
  const abort = new AbortController();
  const received: { delivery: Delivery; at: number }[] = [];
  const loop = (async () => {
    while (received.length < count && !abort.signal.aborted) {
      const deliveries = await consumer.receive(count - received.length, abort.signal);
      // Only an abort or a closed consumer ends it empty.
      if (deliveries.length === 0) return;
      const at = await context.harness.now();
      received.push(...deliveries.map((delivery) => ({ delivery, at })));
    }
  })();
  let failed = false;
  loop.catch(() => {
    failed = true;
  });
  await elapseUntil(context, () => failed || received.length >= count, maxMs);
  abort.abort();
  await promptly(context, "an aborted receive", loop);
  const texts = textsOf(received.map(({ delivery }) => delivery));
  assert.equal(
    received.length,
    count,
    `${texts.length} of ${count} messages came within ${maxMs} ms (${texts.slice(0, 20)})`,
  );
  return received;
}

/** As {@link receiveExactly}, but goes on when the connection breaks; every failure must be a retryable one. */
export async function receiveThroughFaults(
  context: ScenarioContext,
  consumer: Consumer,
  count: number,
): Promise<Delivery[]> {
  const received: Delivery[] = [];
  const deadline = performance.now() + context.patienceMs;
  while (received.length < count) {
    try {
      received.push(...(await receiveSome(context, consumer, count - received.length)));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      assert.ok(error.retryable, `a broken connection was reported as final: ${error.message}`);
      if (performance.now() >= deadline) throw error;
      await pause(AGAIN_MS);
    }
  }
  return received;
}
