import assert from "node:assert/strict";
import { type BrokerDriver, QueueFullError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth, expectNothingStored } from "../steps/depth.js";
import { expectRefusal, publishRefused } from "../steps/publish.js";
import { receiveExactly, receiveNothing, receiveOne, textOf, textsOf } from "../steps/receive.js";
import { ack, settleAll } from "../steps/settle.js";

/** A delay that no scenario waits for. */
const LONG_MS = 3_600_000;

/** Puts one message among the dead letters of the scenario's queue. */
async function buryOne(t: ScenarioContext, driver: BrokerDriver): Promise<void> {
  const consumer = await t.consumer({ driver });
  await driver.publish([t.message()]);
  const delivery = await receiveOne(t, consumer);
  await settleAll(consumer, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
  await consumer.close();
}

/** What operators see and do. */
export const administration: readonly Scenario[] = scenarioGroup("administration", {
  "the depth counts a queue's messages by their state": async (t) => {
    const driver = t.driver();
    const notBefore = (await t.harness.now()) + LONG_MS;
    await buryOne(t, driver);
    await driver.publish([...t.batch(7), ...t.batch(2, { notBefore })]);
    await expectDepth(t, driver, { ready: 7, delayed: 2, deadLetters: 1 });
    const consumer = await t.consumer({ driver, credits: 4 });
    const deliveries = await receiveExactly(t, consumer, 4);
    await expectDepth(t, driver, { ready: 3, delayed: 2, inFlight: 4, deadLetters: 1 });
    await expectDepth(t, t.driver(), { ready: 3, delayed: 2, inFlight: 4, deadLetters: 1 });
    await ack(consumer, deliveries);
    await consumer.close();
    await expectDepth(t, driver, { ready: 3, delayed: 2, deadLetters: 1 });
  },

  "the depth of a queue that does not exist is zero, and asking creates nothing": async (t) => {
    const driver = t.driver();
    await expectDepth(t, driver, {});
    assert.equal(await driver.admin.purge(t.queue), 0);
    assert.equal(await driver.admin.purgeDeadLetters(t.queue), 0);
    assert.deepEqual(await driver.admin.browseDeadLetters(t.queue), { letters: [] });
    assert.ok(!(await driver.admin.queues()).includes(t.queue));
  },

  "the queues that were published to or consumed from are listed, sorted": async (t) => {
    const driver = t.driver();
    const [published, consumed] = [t.queueNamed("b"), t.queueNamed("a")];
    await driver.publish([t.message({ queue: published })]);
    await t.consumer({ driver, queue: consumed });
    const queues = await t.driver().admin.queues();
    assert.deepEqual(
      queues.filter((queue) => queue.startsWith(t.queue)),
      [consumed, published],
    );
    assert.deepEqual(queues, [...queues].sort());
    assert.equal(new Set(queues).size, queues.length);
  },

  "a purge deletes what is ready or delayed, and says how many": async (t) => {
    const driver = t.driver();
    const notBefore = (await t.harness.now()) + LONG_MS;
    await driver.publish([...t.batch(12), ...t.batch(5, { notBefore })]);
    assert.equal(await driver.admin.purge(t.queue), t.capabilities.counts.delayed ? 17 : 12);
    assert.equal(await driver.admin.purge(t.queue), 0);
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
    await receiveNothing(t, await t.consumer({ driver }), 100);
  },

  "a purge leaves deliveries in flight and dead letters": async (t) => {
    const driver = t.driver();
    await buryOne(t, driver);
    const consumer = await t.consumer({ driver, credits: 2 });
    await driver.publish(t.batch(9));
    const [first, second] = await receiveExactly(t, consumer, 2);
    assert.ok(first && second);
    assert.equal(await driver.admin.purge(t.queue), 7);
    await expectDepth(t, driver, { inFlight: 2, deadLetters: 1 });
    await settleAll(consumer, [
      { kind: "ack", delivery: first },
      { kind: "requeue", delivery: second },
    ]);
    assert.equal(textOf(await receiveOne(t, consumer)), textOf(second));
  },

  "a purge takes from one queue alone": async (t) => {
    const driver = t.driver();
    const other = t.queueNamed("other");
    await driver.publish([...t.batch(3), ...t.batch(4, { queue: other })]);
    assert.equal(await driver.admin.purge(t.queue), 3);
    await expectDepth(t, driver, { ready: 4 }, other);
  },

  "a purged queue is used on": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(3));
    await driver.admin.purge(t.queue);
    const waiting = receiveOne(t, consumer);
    await driver.publish([t.message({ body: "after" })]);
    assert.equal(textOf(await waiting), "after");
  },

  "a full queue refuses the message and trims nothing": {
    needs: ["maxLength"],
    run: async (t) => {
      const driver = t.driver({ maxLength: 5 });
      await driver.publish(t.batch(5));
      await expectRefusal(driver, t.message({ body: "too much" }), QueueFullError);
      await expectDepth(t, driver, { ready: 5 });
      const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 5));
      assert.deepEqual(new Set(texts), new Set(["m0", "m1", "m2", "m3", "m4"]));
    },
  },

  "of a batch that does not fit, what is not named is stored and nothing is trimmed": {
    needs: ["maxLength"],
    run: async (t) => {
      const driver = t.driver({ maxLength: 5 });
      await driver.publish(t.batch(3, {}, "old"));
      const batch = t.batch(4, {}, "new");
      const failures = await publishRefused(driver, batch);
      for (const { cause, outcome } of failures) {
        assert.ok(cause instanceof QueueFullError, String(cause));
        assert.equal(outcome, "rejected");
      }
      const refused = failures.map((failure) => failure.message.body);
      const stored = batch.map((message) => message.body).filter((body) => !refused.includes(body));
      assert.ok(stored.length <= 2, "more was stored than fits");
      const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 3 + stored.length));
      assert.deepEqual(new Set(texts), new Set(["old0", "old1", "old2", ...stored]));
    },
  },

  "a full queue takes messages again when some were settled": {
    needs: ["maxLength"],
    run: async (t) => {
      const driver = t.driver({ maxLength: 2 });
      await driver.publish(t.batch(2));
      await expectRefusal(driver, t.message(), QueueFullError);
      const consumer = await t.consumer({ driver });
      await ack(consumer, await receiveExactly(t, consumer, 2));
      await consumer.close();
      await driver.publish(t.batch(2));
      await expectRefusal(driver, t.message(), QueueFullError);
    },
  },

  "a full queue does not hold up other queues of the batch": {
    needs: ["maxLength"],
    run: async (t) => {
      const driver = t.driver({ maxLength: 1 });
      const other = t.queueNamed("other");
      await driver.publish([t.message()]);
      const failures = await publishRefused(driver, [t.message({ body: "full" }), t.message({ queue: other })]);
      assert.deepEqual(
        failures.map((failure) => failure.message.body),
        ["full"],
      );
      await expectDepth(t, driver, { ready: 1 }, other);
    },
  },
});
