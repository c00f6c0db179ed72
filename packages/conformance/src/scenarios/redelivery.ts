import assert from "node:assert/strict";
import { DeliveryMode } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import { expectDepth } from "../steps/depth.js";
import { promptly } from "../steps/eventually.js";
import { receiveExactly, receiveOne, receiveOverTime, textOf, textsOf } from "../steps/receive.js";
import { ack, settleAll } from "../steps/settle.js";
import { takeoverMs } from "../steps/takeover.js";

const atMostOnce = { mode: DeliveryMode.AT_MOST_ONCE };

/** What others get of a consumer that gives back, closes or dies. */
export const redelivery: readonly Scenario[] = scenarioGroup("redelivery", {
  "what a closed consumer held goes to others at once": async (t) => {
    const driver = t.driver();
    const [leaving, staying] = [await t.consumer({ driver }), await t.consumer()];
    await driver.publish(t.batch(20));
    const held = textsOf(await receiveExactly(t, leaving, 20));
    await promptly(t, "closing a consumer", leaving.close());
    // No broker time passes here: a lease that must run out first would not.
    assert.deepEqual(new Set(textsOf(await receiveExactly(t, staying, 20))), new Set(held));
  },

  "what the consumers of a closed driver held goes to others at once": async (t) => {
    const driver = t.driver();
    const staying = await t.consumer();
    const other = t.queueNamed("other");
    const stayingElsewhere = await t.consumer({ queue: other });
    await driver.publish([t.message({ body: "here" }), t.message({ body: "there", queue: other })]);
    await receiveOne(t, await t.consumer({ driver }));
    await receiveOne(t, await t.consumer({ driver, queue: other }));
    await promptly(t, "closing a driver", driver.close());
    assert.equal(textOf(await receiveOne(t, staying)), "here");
    assert.equal(textOf(await receiveOne(t, stayingElsewhere)), "there");
  },

  "closing a consumer gives back what it held and nothing that it settled": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(10));
    const deliveries = await receiveExactly(t, consumer, 10);
    await ack(consumer, deliveries.slice(0, 6));
    await consumer.close();
    await expectDepth(t, driver, { ready: 4 });
    const rest = textsOf(await receiveExactly(t, await t.consumer({ driver }), 4));
    assert.deepEqual(new Set(rest), new Set(textsOf(deliveries.slice(6))));
  },

  "a message at most once that was given back stays runnable": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(5, atMostOnce));
    await settleAll(
      consumer,
      (await receiveExactly(t, consumer, 5)).map((delivery) => ({ kind: "requeue", delivery })),
    );
    for (const delivery of await receiveExactly(t, consumer, 5)) {
      assert.equal(delivery.redelivered, false, "it counts as maybe executed, so nobody may run it any more");
      await ack(consumer, [delivery]);
    }
  },

  "messages at most once that a closed consumer held stay runnable": async (t) => {
    const driver = t.driver();
    const leaving = await t.consumer({ driver });
    await driver.publish(t.batch(5, atMostOnce));
    await receiveExactly(t, leaving, 5);
    await leaving.close();
    for (const delivery of await receiveExactly(t, await t.consumer(), 5)) {
      assert.equal(delivery.redelivered, false, "it counts as maybe executed, so nobody may run it any more");
    }
  },

  "giving back costs a message no more than the hand-out that it had": async (t) => {
    const driver = t.driver();
    const leaving = await t.consumer({ driver });
    await driver.publish(t.batch(2));
    const [first, second] = await receiveExactly(t, leaving, 2);
    assert.ok(first && second);
    await settleAll(leaving, [{ kind: "requeue", delivery: first }]);
    await leaving.close();
    for (const delivery of await receiveExactly(t, await t.consumer(), 2)) {
      assert.ok(delivery.deliveryCount <= 2, `deliveryCount is ${delivery.deliveryCount} at the second hand-out`);
    }
  },

  "what a crashed consumer held goes to others, unchanged": async (t) => {
    const crashing = t.driver();
    const survivor = await t.consumer();
    const body = Uint8Array.from([0, 1, 254, 255, 128]);
    await t.driver().publish([t.message({ body })]);
    await receiveOne(t, await t.consumer({ driver: crashing }));
    await t.crash(crashing);
    const [taken] = await receiveOverTime(t, survivor, 1, takeoverMs(t));
    assert.ok(taken);
    assert.deepEqual([...taken.delivery.body], [...body]);
    await ack(survivor, [taken.delivery]);
    await expectDepth(t, t.driver(), {});
  },

  "what was handed out before says so, and counts the hand-outs": async (t) => {
    const publisher = t.driver();
    await publisher.publish([t.message()]);
    for (let handOut = 1; handOut <= 3; handOut += 1) {
      const crashing = t.driver();
      const [taken] = await receiveOverTime(t, await t.consumer({ driver: crashing }), 1, takeoverMs(t));
      assert.ok(taken);
      const { redelivered, deliveryCount } = taken.delivery;
      assert.equal(redelivered, handOut > 1);
      if (t.capabilities.countsDeliveries) assert.equal(deliveryCount, handOut);
      else assert.ok(handOut === 1 ? deliveryCount === 1 : deliveryCount >= 2, `${deliveryCount} hand-outs`);
      await t.crash(crashing);
    }
  },

  "after a crash every unsettled message of every priority comes, and no settled one": async (t) => {
    const crashing = t.driver();
    const survivor = await t.consumer();
    await t.driver().publish(t.batch(60, (index) => ({ priority: index % t.capabilities.priorityLevels })));
    const consumer = await t.consumer({ driver: crashing });
    const deliveries = await receiveExactly(t, consumer, 40);
    await ack(consumer, deliveries.slice(0, 15));
    // Acks that nobody confirms have been read when what was asked for after them is answered.
    if (!t.capabilities.settleConfirmed) await t.consumer({ driver: crashing });
    await t.crash(crashing);
    const taken = await receiveOverTime(t, survivor, 45, takeoverMs(t));
    const texts = textsOf(taken.map(({ delivery }) => delivery));
    const settled = new Set(textsOf(deliveries.slice(0, 15)));
    assert.equal(new Set(texts).size, 45);
    assert.ok(!texts.some((text) => settled.has(text)), "an acked message came again");
    await ack(
      survivor,
      taken.map(({ delivery }) => delivery),
    );
    await expectDepth(t, t.driver(), {});
  },

  "a crashed consumer's messages wait until another consumer comes": async (t) => {
    const crashing = t.driver();
    await t.driver().publish(t.batch(5));
    await receiveExactly(t, await t.consumer({ driver: crashing }), 5);
    await t.crash(crashing);
    await t.harness.elapse(t.harness.leaseMs ?? 100);
    const taken = await receiveOverTime(t, await t.consumer(), 5, takeoverMs(t));
    assert.equal(new Set(textsOf(taken.map(({ delivery }) => delivery))).size, 5);
  },
});
