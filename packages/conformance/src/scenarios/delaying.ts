import assert from "node:assert/strict";
import { type Delivery, UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { expectDepth, expectNothingStored } from "../steps/depth.js";
import { elapseUntil, promptly } from "../steps/eventually.js";
import { expectPrompt } from "../steps/promptness.js";
import { expectRefusal } from "../steps/publish.js";
import {
  receiveExactly,
  receiveNothing,
  receiveOne,
  receiveOverTime,
  SLACK_MS,
  textOf,
  textsOf,
} from "../steps/receive.js";
import { ack, idsOf } from "../steps/settle.js";

const DELAY_MS = 500;

/** A delay that no scenario waits for. */
const LONG_MS = 3_600_000;

/** Time within which a message that is due after `delayMs` must have come. */
function within(t: ScenarioContext, delayMs: number): number {
  return delayMs + t.capabilities.delay.precisionMs + SLACK_MS;
}

/** Messages that must not be handed out before their time. */
export const delaying: readonly Scenario[] = scenarioGroup("delaying", {
  "a delayed message comes when its time has come, and never before": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const notBefore = (await t.harness.now()) + DELAY_MS;
    const body = Uint8Array.from([255, 0, 13, 10]);
    await driver.publish([t.message({ notBefore, body })]);
    const [taken] = await receiveOverTime(t, consumer, 1, within(t, DELAY_MS));
    assert.ok(taken);
    assert.ok(taken.at >= notBefore, `it came ${notBefore - taken.at} ms too early`);
    assert.deepEqual([...taken.delivery.body], [...body]);
    assert.equal(taken.delivery.deliveryCount, 1);
    assert.equal(taken.delivery.redelivered, false);
    await ack(consumer, [taken.delivery]);
    await expectNothingStored(t);
  },

  "many different delays are each kept": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const start = (await t.harness.now()) + 100;
    // A pseudo-random order of the times in which no delay is a multiple of another.
    const times = Array.from({ length: 60 }, (_, index) => start + ((index * 37) % 60) * 13);
    await driver.publish(times.map((notBefore) => t.message({ notBefore, body: String(notBefore) })));
    const taken = await receiveOverTime(t, consumer, 60, within(t, 900));
    for (const { delivery, at } of taken) {
      const early = Number(textOf(delivery)) - at;
      assert.ok(early <= 0, `a message came ${early} ms too early`);
    }
    assert.equal(new Set(textsOf(taken.map(({ delivery }) => delivery))).size, new Set(times).size);
  },

  "a time that is past already means now": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const now = await t.harness.now();
    await driver.publish([
      t.message({ notBefore: now - 60_000, body: "a minute ago" }),
      t.message({ notBefore: 0, body: "long ago" }),
    ]);
    const texts = textsOf(await receiveExactly(t, consumer, 2));
    assert.deepEqual(new Set(texts), new Set(["a minute ago", "long ago"]));
  },

  "a short delay does not wait behind a long one": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const now = await t.harness.now();
    await driver.publish([t.message({ notBefore: now + LONG_MS, body: "long" })]);
    await driver.publish([t.message({ notBefore: now + DELAY_MS, body: "short" })]);
    const [taken] = await receiveOverTime(t, consumer, 1, within(t, DELAY_MS));
    assert.equal(taken && textOf(taken.delivery), "short");
    await expectDepth(t, driver, { delayed: 1, inFlight: 1 });
  },

  "a message without a delay does not wait behind a delayed one": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const notBefore = (await t.harness.now()) + LONG_MS;
    await driver.publish([t.message({ notBefore, body: "later" }), t.message({ body: "now" })]);
    assert.equal(textOf(await receiveOne(t, consumer)), "now");
    await receiveNothing(t, consumer, 100);
  },

  "an earlier time that is published later wakes a consumer that waits": async (t) => {
    const driver = t.driver();
    const publisher = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ notBefore: (await t.harness.now()) + LONG_MS, body: "far" })]);
    await expectPrompt("an earlier message", async () => {
      const abort = new AbortController();
      const receiving = consumer.receive(1, abort.signal);
      let at: number | undefined;
      const arrived = receiving.then(async () => {
        at = await t.harness.now();
      });
      // The consumer goes to sleep with the far message as the next thing to come.
      await t.harness.elapse(150);
      const notBefore = (await t.harness.now()) + 300;
      await publisher.publish([t.message({ notBefore, body: "near" })]);
      await elapseUntil(t, () => at !== undefined, within(t, 300));
      abort.abort();
      await promptly(t, "the receive", arrived);
      const deliveries = await receiving;
      assert.deepEqual(textsOf(deliveries), ["near"]);
      await ack(consumer, deliveries);
      return (at ?? Number.POSITIVE_INFINITY) - notBefore - t.capabilities.delay.precisionMs;
    });
  },

  "200 messages of the same time all come": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const notBefore = (await t.harness.now()) + DELAY_MS;
    await driver.publish(t.batch(200, { notBefore }));
    await expectDepth(t, driver, { delayed: 200 });
    const taken = await receiveOverTime(t, consumer, 200, within(t, DELAY_MS));
    assert.equal(new Set(textsOf(taken.map(({ delivery }) => delivery))).size, 200);
    assert.equal(new Set(idsOf(taken.map(({ delivery }) => delivery))).size, 200);
    assert.ok(taken.every(({ at }) => at >= notBefore));
  },

  "messages come in the order of their times": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const now = await t.harness.now();
    // Further apart than drivers are precise.
    const step = Math.max(250, 2 * t.capabilities.delay.precisionMs);
    for (const place of [3, 1, 2]) {
      await driver.publish([t.message({ notBefore: now + 100 + place * step, body: String(place) })]);
    }
    const taken = await receiveOverTime(t, consumer, 3, within(t, 100 + 3 * step));
    assert.deepEqual(textsOf(taken.map(({ delivery }) => delivery)), ["1", "2", "3"]);
  },

  "of consumers that wait for a delayed message one gets it": async (t) => {
    const driver = t.driver();
    const consumers = await Promise.all([t.consumer({ driver }), t.consumer(), t.consumer()]);
    const abort = new AbortController();
    const received: Delivery[] = [];
    const receives = consumers.map(async (consumer) => {
      received.push(...(await consumer.receive(10, abort.signal)));
    });
    await driver.publish(t.batch(1, { notBefore: (await t.harness.now()) + DELAY_MS }));
    await elapseUntil(t, () => received.length > 0, within(t, DELAY_MS));
    await t.harness.elapse(100);
    abort.abort();
    await promptly(t, "the receives", Promise.all(receives));
    assert.deepEqual(textsOf(received), ["m0"]);
  },

  "delayed messages live in the broker: they outlive the driver that sent them": async (t) => {
    const publisher = t.driver();
    const notBefore = (await t.harness.now()) + DELAY_MS;
    await publisher.publish(t.batch(3, { notBefore }));
    await publisher.close();
    const taken = await receiveOverTime(t, await t.consumer(), 3, within(t, DELAY_MS));
    assert.equal(taken.length, 3);
  },

  "delayed messages outlive the crash of a consumer that waited for them": async (t) => {
    const crashing = t.driver();
    const consumer = await t.consumer({ driver: crashing });
    const abort = new AbortController();
    consumer.receive(10, abort.signal).catch(() => undefined);
    const notBefore = (await t.harness.now()) + DELAY_MS;
    await t.driver().publish(t.batch(3, { notBefore }));
    await t.crash(crashing);
    const taken = await receiveOverTime(t, await t.consumer(), 3, within(t, DELAY_MS) + 2 * (t.harness.leaseMs ?? 0));
    assert.equal(taken.length, 3);
  },

  "a message that fell due while nobody consumed is there for the first who does": async (t) => {
    const driver = t.driver();
    await driver.publish(t.batch(2, { notBefore: (await t.harness.now()) + 100 }));
    await t.harness.elapse(300);
    const taken = await receiveOverTime(t, await t.consumer(), 2, within(t, 0));
    assert.equal(taken.length, 2);
  },

  "a delay beyond the longest one is refused": async (t) => {
    const { maxMs } = t.capabilities.delay;
    const notBefore = (await t.harness.now()) + maxMs + 3_600_000;
    const driver = t.driver();
    await expectRefusal(driver, t.message({ notBefore }), UnsupportedError);
    await expectDepth(t, driver, {});
  },

  "a delayed message keeps its priority": async (t) => {
    const driver = t.driver();
    const priority = t.capabilities.priorityLevels - 1;
    const notBefore = (await t.harness.now()) + 200;
    await driver.publish([t.message({ body: "plain", notBefore }), t.message({ body: "urgent", notBefore, priority })]);
    // Both must be due before the order says anything.
    await t.harness.elapse(400 + t.capabilities.delay.precisionMs);
    const taken = await receiveOverTime(t, await t.consumer({ driver }), 2, within(t, 0));
    const texts = textsOf(taken.map(({ delivery }) => delivery));
    if (priority === 0) assert.deepEqual(new Set(texts), new Set(["plain", "urgent"]));
    else assert.deepEqual(texts, ["urgent", "plain"]);
  },
});
