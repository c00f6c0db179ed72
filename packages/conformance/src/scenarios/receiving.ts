import assert from "node:assert/strict";
import { type Consumer, type Delivery, MAX_SILENCE_MS } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { expectDepth } from "../steps/depth.js";
import { elapseUntil, promptly } from "../steps/eventually.js";
import { expectPrompt } from "../steps/promptness.js";
import {
  receiveExactly,
  receiveNothing,
  receiveOne,
  receiveSome,
  SLACK_MS,
  textOf,
  textsOf,
} from "../steps/receive.js";
import { ack, idsOf } from "../steps/settle.js";

const never = new AbortController().signal;

/** Receives and acks with all consumers at once until every one of 120 messages came. */
async function shareWithoutDuplicates(t: ScenarioContext, consumers: readonly Consumer[]): Promise<void> {
  await t.driver().publish(t.batch(120));
  const abort = new AbortController();
  const received: Delivery[] = [];
  const loops = consumers.map(async (consumer) => {
    while (!abort.signal.aborted) {
      const deliveries = await consumer.receive(7, abort.signal);
      if (deliveries.length === 0) return;
      received.push(...deliveries);
      if (received.length >= 120) abort.abort();
      await ack(consumer, deliveries);
    }
  });
  await promptly(t, "receiving 120 messages", Promise.all(loops));
  assert.equal(received.length, 120);
  assert.equal(new Set(textsOf(received)).size, 120);
}

/** How messages are handed out. */
export const receiving: readonly Scenario[] = scenarioGroup("receiving", {
  "a receive never brings more than max": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(20));
    const received: Delivery[] = [];
    for (const max of [1, 2, 3, 1, 5]) {
      const deliveries = await receiveSome(t, consumer, max);
      assert.ok(deliveries.length <= max);
      received.push(...deliveries);
    }
    assert.equal(new Set(textsOf(received)).size, received.length);
  },

  "a receive resolves with what is there instead of waiting for max": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(1));
    assert.equal((await receiveSome(t, consumer, 100)).length, 1);
  },

  "a receive waits for a message that comes later": async (t) => {
    const consumer = await t.consumer();
    const receiving = receiveOne(t, consumer);
    await t.harness.elapse(100);
    await t.driver().publish([t.message({ body: "later" })]);
    assert.equal(textOf(await receiving), "later");
  },

  "a message that comes while a receive waits is handed out at once": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer();
    await expectPrompt("a message", async () => {
      const waiting = receiveOne(t, consumer);
      await t.harness.elapse(100);
      await driver.publish([t.message()]);
      const published = performance.now();
      const delivery = await waiting;
      const lateMs = performance.now() - published;
      await ack(consumer, [delivery]);
      return lateMs;
    });
  },

  "an aborted receive resolves empty": async (t) => {
    const consumer = await t.consumer();
    const abort = new AbortController();
    const receiving = consumer.receive(10, abort.signal);
    await t.harness.elapse(50);
    abort.abort();
    assert.deepEqual(await promptly(t, "an aborted receive", receiving), []);
  },

  "a receive whose signal was aborted before takes nothing": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(3));
    for (let round = 0; round < 5; round += 1) {
      assert.deepEqual(await promptly(t, "the receive", consumer.receive(10, AbortSignal.abort())), []);
    }
    assert.equal((await receiveExactly(t, consumer, 3)).length, 3);
  },

  "an idle receive does not resolve empty by itself": async (t) => {
    const consumer = await t.consumer();
    let resolved = false;
    const receiving = receiveOne(t, consumer).finally(() => {
      resolved = true;
    });
    receiving.catch(() => undefined);
    for (let step = 0; step < 10; step += 1) await t.harness.elapse(100);
    assert.equal(resolved, false, "a receive ended although no message came and nobody aborted it");
    await t.driver().publish([t.message({ body: "at last" })]);
    assert.equal(textOf(await receiving), "at last");
  },

  "closing the consumer lets its waiting receives resolve empty": async (t) => {
    const consumer = await t.consumer();
    const receives = [consumer.receive(10, never), consumer.receive(10, never)];
    await t.harness.elapse(50);
    await consumer.close();
    assert.deepEqual(await promptly(t, "a receive of a closed consumer", Promise.all(receives)), [[], []]);
  },

  "a receive of a closed consumer resolves empty": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await consumer.close();
    await driver.publish([t.message()]);
    assert.deepEqual(await promptly(t, "a receive of a closed consumer", consumer.receive(10, never)), []);
    await expectDepth(t, driver, { ready: 1 });
  },

  "after an abort the next receive brings what comes then": async (t) => {
    const consumer = await t.consumer();
    await receiveNothing(t, consumer, 50);
    await t.driver().publish([t.message({ body: "next" })]);
    assert.equal(textOf(await receiveOne(t, consumer)), "next");
  },

  "a delivery that arrives during an abort is not lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const seen: string[] = [];
    for (let round = 0; round < 30; round += 1) {
      const abort = new AbortController();
      const receiving = consumer.receive(10, abort.signal);
      // By turns the message or the abort comes first.
      if (round % 3 === 0) await t.harness.elapse(1);
      const publish = driver.publish([t.message({ body: `m${round}` })]);
      if (round % 2 === 0) await publish;
      abort.abort();
      const deliveries = await promptly(t, "an aborted receive", receiving);
      await publish;
      seen.push(...textsOf(deliveries));
      await ack(consumer, deliveries);
    }
    while (seen.length < 30) {
      const deliveries = await receiveSome(t, consumer, 10);
      seen.push(...textsOf(deliveries));
      await ack(consumer, deliveries);
    }
    assert.equal(new Set(seen).size, 30);
    await expectDepth(t, driver, {});
  },

  "two receives of one consumer get different messages": async (t) => {
    const consumer = await t.consumer();
    const receives = [receiveSome(t, consumer, 5), receiveSome(t, consumer, 5)];
    await t.harness.elapse(50);
    const driver = t.driver();
    // Each receive ends with the first message, so both must get one before the rest is fetched.
    await driver.publish(t.batch(1, {}, "a"));
    await driver.publish(t.batch(9, {}, "b"));
    const first = (await Promise.all(receives)).flat();
    const rest = first.length < 10 ? await receiveExactly(t, consumer, 10 - first.length) : [];
    assert.equal(new Set(textsOf([...first, ...rest])).size, 10);
  },

  "aborting one of two overlapping receives leaves the other waiting": async (t) => {
    const consumer = await t.consumer();
    const abort = new AbortController();
    const aborted = consumer.receive(5, abort.signal);
    const staying = receiveOne(t, consumer);
    await t.harness.elapse(50);
    abort.abort();
    assert.deepEqual(await promptly(t, "an aborted receive", aborted), []);
    await t.driver().publish([t.message({ body: "for the other" })]);
    assert.equal(textOf(await staying), "for the other");
  },

  "two consumers of one driver share a queue without duplicates": async (t) => {
    const driver = t.driver();
    await shareWithoutDuplicates(t, [await t.consumer({ driver }), await t.consumer({ driver })]);
  },

  "consumers of several drivers share a queue without duplicates": async (t) => {
    await shareWithoutDuplicates(t, await Promise.all([t.consumer(), t.consumer(), t.consumer()]));
  },

  "an idle consumer is answered again and again": async (t) => {
    const consumer = await t.consumer();
    const abort = new AbortController();
    const receiving = consumer.receive(10, abort.signal);
    for (let answer = 0; answer < 2; answer += 1) {
      const before = consumer.lastAnsweredAt;
      await elapseUntil(t, () => consumer.lastAnsweredAt > before, MAX_SILENCE_MS + SLACK_MS);
      assert.ok(consumer.lastAnsweredAt > before, "the broker seems silent although it works");
    }
    abort.abort();
    assert.deepEqual(await promptly(t, "an aborted receive", receiving), []);
  },

  "a message that is held is not handed out again": async (t) => {
    const driver = t.driver();
    const [holder, other] = [await t.consumer({ driver }), await t.consumer()];
    await driver.publish(t.batch(3));
    const held = await receiveExactly(t, holder, 3);
    await receiveNothing(t, other);
    await receiveNothing(t, holder);
    await ack(holder, held);
  },

  "a first delivery says where it is from and that it is the first": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(2));
    const deliveries = await receiveExactly(t, consumer, 2);
    for (const delivery of deliveries) {
      assert.equal(delivery.queue, t.queue);
      assert.equal(delivery.deliveryCount, 1);
      assert.equal(delivery.redelivered, false);
      assert.equal(typeof delivery.id, "string");
      assert.notEqual(delivery.id, "");
    }
    assert.equal(new Set(idsOf(deliveries)).size, 2);
  },

  "a consumer gets messages of its own queue alone": async (t) => {
    const driver = t.driver();
    const other = t.queueNamed("other");
    const consumer = await t.consumer({ driver });
    assert.equal(consumer.queue, t.queue);
    await driver.publish([t.message({ queue: other, body: "other" }), t.message({ body: "own" })]);
    assert.equal(textOf(await receiveOne(t, consumer)), "own");
    await receiveNothing(t, consumer, 100);
    assert.equal(textOf(await receiveOne(t, await t.consumer({ driver, queue: other }))), "other");
  },
});
