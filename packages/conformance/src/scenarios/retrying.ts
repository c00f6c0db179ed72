import assert from "node:assert/strict";
import { type Scenario, scenarioGroup } from "../scenario.js";
import { expectDelayed, expectDepth, expectNothingStored, expectUnsettled } from "../steps/depth.js";
import { receiveExactly, receiveOne, receiveOverTime, SLACK_MS, textOf, textsOf } from "../steps/receive.js";
import { ack, settleAll, settleLost } from "../steps/settle.js";

/** A delay that no scenario waits for. */
const LONG_MS = 3_600_000;
/** Long enough to be counted meanwhile on a busy machine. */
const DELAY_MS = 1_500;

/** Replacing a delivery by another message. */
export const retrying: readonly Scenario[] = scenarioGroup("retrying", {
  "a retry puts the replacement in the place of the original": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "attempt 1" })]);
    const delivery = await receiveOne(t, consumer);
    const body = Uint8Array.from([2, 255, 0]);
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ body }) }]);
    await expectUnsettled(t, driver, 1);
    const again = await receiveOne(t, consumer);
    assert.deepEqual([...again.body], [...body]);
    await ack(consumer, [again]);
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
  },

  "a replacement is a message of its own: it was never handed out": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ id: "task-1" })]);
    const delivery = await receiveOne(t, consumer);
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ id: "task-1" }) }]);
    const again = await receiveOne(t, consumer);
    assert.equal(again.deliveryCount, 1);
    assert.equal(again.redelivered, false);
    assert.equal(again.queue, t.queue);
  },

  "a delayed replacement waits for its time": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    const notBefore = (await t.harness.now()) + DELAY_MS;
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ body: "again", notBefore }) }]);
    await expectDelayed(t, driver, notBefore);
    const [taken] = await receiveOverTime(t, consumer, 1, DELAY_MS + t.capabilities.delay.precisionMs + SLACK_MS);
    assert.ok(taken);
    assert.ok(taken.at >= notBefore, `it came ${notBefore - taken.at} ms too early`);
    assert.equal(textOf(taken.delivery), "again");
  },

  "a chain of retries stays one message": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ id: "task-1", body: "attempt 0" })]);
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const delivery = await receiveOne(t, consumer);
      assert.equal(textOf(delivery), `attempt ${attempt - 1}`);
      const replacement = t.message({ id: "task-1", body: `attempt ${attempt}` });
      await settleAll(consumer, [{ kind: "retry", delivery, replacement }]);
      await expectUnsettled(t, driver, 1);
    }
  },

  "a second retry of one delivery is lost and forks nothing": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ body: "once" }) }]);
    await settleLost(consumer, { kind: "retry", delivery, replacement: t.message({ body: "twice" }) });
    const notBefore = (await t.harness.now()) + LONG_MS;
    await settleLost(consumer, { kind: "retry", delivery, replacement: t.message({ body: "thrice", notBefore }) });
    await expectUnsettled(t, driver, 1);
    assert.equal(textOf(await receiveOne(t, consumer)), "once");
  },

  "many retries in one call each get their own replacement": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(100));
    const deliveries = await receiveExactly(t, consumer, 100);
    await settleAll(
      consumer,
      deliveries.map((delivery) => ({
        kind: "retry",
        delivery,
        replacement: t.message({ body: `${textOf(delivery)} again` }),
      })),
    );
    const texts = textsOf(await receiveExactly(t, consumer, 100));
    assert.deepEqual(new Set(texts), new Set(deliveries.map((delivery) => `${textOf(delivery)} again`)));
  },

  "a replacement keeps the priority that it is given": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver, credits: 1 });
    const priority = t.capabilities.priorityLevels - 1;
    await driver.publish([t.message({ priority })]);
    const delivery = await receiveOne(t, consumer);
    await driver.publish([t.message({ body: "plain" })]);
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ body: "urgent", priority }) }]);
    const first = await receiveOne(t, consumer);
    assert.equal(textOf(first), priority === 0 ? "plain" : "urgent");
  },

  "after a crash right after a retry the replacement alone is left": async (t) => {
    const crashing = t.driver();
    const survivor = await t.consumer();
    await t.driver().publish([t.message({ body: "original" })]);
    const consumer = await t.consumer({ driver: crashing });
    const delivery = await receiveOne(t, consumer);
    const notBefore = (await t.harness.now()) + LONG_MS;
    await settleAll(consumer, [{ kind: "retry", delivery, replacement: t.message({ notBefore }) }]);
    await t.crash(crashing);
    await t.harness.elapse(2.5 * (t.harness.leaseMs ?? 100));
    await expectDepth(t, t.driver(), { delayed: 1 });
    await survivor.close();
  },

  "a full queue takes a replacement and what is given back": {
    needs: ["maxLength"],
    run: async (t) => {
      const driver = t.driver({ maxLength: 3 });
      const consumer = await t.consumer({ driver });
      await driver.publish(t.batch(3));
      const [first, second, third] = await receiveExactly(t, consumer, 3);
      assert.ok(first && second && third);
      // As full as it can be: what is in flight may or may not count against the limit.
      const room = t.batch(3).map((message) => driver.publish([message]).catch(() => undefined));
      await Promise.all(room);
      await settleAll(consumer, [
        { kind: "retry", delivery: first, replacement: t.message({ body: "replacement" }) },
        { kind: "requeue", delivery: second },
      ]);
      await consumer.close();
      const missing = new Set(["replacement", textOf(second), textOf(third)]);
      const next = await t.consumer({ driver });
      while (missing.size > 0) {
        const delivery = await receiveOne(t, next);
        missing.delete(textOf(delivery));
        await ack(next, [delivery]);
      }
    },
  },
});
