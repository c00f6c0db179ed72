import assert from "node:assert/strict";
import { UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { expectDepth } from "../steps/depth.js";
import { expectRefusal } from "../steps/publish.js";
import { receiveExactly, receiveOne, textOf, textsOf } from "../steps/receive.js";
import { ack, settleAll } from "../steps/settle.js";

/** Runs the body where there is more than one priority; elsewhere asserts that a higher one is refused. */
function wherePrioritized(
  body: (t: ScenarioContext, highest: number) => Promise<void>,
): (t: ScenarioContext) => Promise<void> {
  return async (t) => {
    const highest = t.capabilities.priorityLevels - 1;
    if (highest > 0) return await body(t, highest);
    const driver = t.driver();
    await expectRefusal(driver, t.message({ priority: 1 }), UnsupportedError);
    await expectDepth(t, driver, {});
  };
}

/** As {@link wherePrioritized} where priorities are strict; elsewhere asserts that a higher one is preferred at least. */
function whereStrict(
  body: (t: ScenarioContext, highest: number) => Promise<void>,
): (t: ScenarioContext) => Promise<void> {
  return wherePrioritized(async (t, highest) => {
    if (t.capabilities.priorityOrder !== "coarse") return await body(t, highest);
    const driver = t.driver();
    await driver.publish([...t.batch(8), t.message({ body: "high", priority: highest })]);
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver, credits: 9 }), 9));
    assert.ok(texts.indexOf("high") < 4, `the urgent message came as number ${texts.indexOf("high") + 1} of 9`);
    assert.deepEqual(
      texts.filter((text) => text !== "high"),
      t.batch(8).map(({ body }) => String(body)),
    );
  });
}

/** What is urgent comes first. */
export const priorities: readonly Scenario[] = scenarioGroup("priorities", {
  "a higher priority is handed out first": whereStrict(async (t, highest) => {
    const driver = t.driver();
    await driver.publish([t.message({ body: "low" })]);
    await driver.publish([t.message({ body: "high", priority: highest })]);
    const consumer = await t.consumer({ driver });
    assert.equal(textOf(await receiveOne(t, consumer)), "high");
    assert.equal(textOf(await receiveOne(t, consumer)), "low");
  }),

  "every priority is handed out before those below it": whereStrict(async (t, highest) => {
    const driver = t.driver();
    const levels = Array.from({ length: highest + 1 }, (_, level) => level);
    const mixed = [...levels, ...levels, ...levels].sort((a, b) => ((a * 7) % 10) - ((b * 7) % 10));
    await driver.publish(mixed.map((priority) => t.message({ priority, body: String(priority) })));
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), mixed.length));
    assert.deepEqual(
      texts.map(Number),
      [...mixed].sort((a, b) => b - a),
    );
  }),

  "one receive brings messages of several priorities, the highest first": whereStrict(async (t, highest) => {
    const driver = t.driver();
    await driver.publish(t.batch(6, (index) => ({ priority: index % 2 === 0 ? 0 : highest })));
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 6));
    assert.deepEqual(new Set(texts.slice(0, 3)), new Set(["m1", "m3", "m5"]));
  }),

  "messages of one priority keep their order": whereStrict(async (t, highest) => {
    const driver = t.driver();
    for (let round = 0; round < 3; round += 1) {
      await driver.publish(t.batch(5, { priority: highest }, `high${round}-`));
      await driver.publish(t.batch(5, {}, `low${round}-`));
    }
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 30));
    const expected = ["high0-", "high1-", "high2-", "low0-", "low1-", "low2-"].flatMap((prefix) =>
      Array.from({ length: 5 }, (_, index) => `${prefix}${index}`),
    );
    if (t.capabilities.ordering === "none") {
      assert.deepEqual(new Set(texts.slice(0, 15)), new Set(expected.slice(0, 15)));
    } else {
      assert.deepEqual(texts, expected);
    }
  }),

  "an urgent message reaches a consumer that already waits": wherePrioritized(async (t, highest) => {
    const consumer = await t.consumer();
    const waiting = receiveOne(t, consumer);
    await t.harness.elapse(100);
    await t.driver().publish([t.message({ body: "urgent", priority: highest })]);
    assert.equal(textOf(await waiting), "urgent");
  }),

  "when nothing urgent is left, the rest is handed out": wherePrioritized(async (t, highest) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "low" }), t.message({ body: "high", priority: highest })]);
    await ack(consumer, await receiveExactly(t, consumer, 2));
    await driver.publish([t.message({ body: "low again" })]);
    assert.equal(textOf(await receiveOne(t, consumer)), "low again");
  }),

  "a requeued message keeps its priority": whereStrict(async (t, highest) => {
    const driver = t.driver();
    // Without a credit left, so that a driver that pushes does not bring what is less urgent meanwhile.
    const consumer = await t.consumer({ driver, credits: 1 });
    await driver.publish([t.message({ body: "high", priority: highest })]);
    const delivery = await receiveOne(t, consumer);
    await driver.publish([t.message({ body: "low" })]);
    await settleAll(consumer, [{ kind: "requeue", delivery }]);
    assert.equal(textOf(await receiveOne(t, consumer)), "high");
  }),

  "what a closed consumer gives back keeps its priority": whereStrict(async (t, highest) => {
    const driver = t.driver();
    const leaving = await t.consumer({ driver, credits: 1 });
    await driver.publish([t.message({ body: "high", priority: highest })]);
    await receiveOne(t, leaving);
    await driver.publish([t.message({ body: "low" })]);
    await leaving.close();
    await expectDepth(t, driver, { ready: 2 });
    assert.equal(textOf(await receiveOne(t, await t.consumer({ driver }))), "high");
  }),

  "a purge deletes every priority, and the depth counts every one": wherePrioritized(async (t, highest) => {
    const driver = t.driver();
    await driver.publish(t.batch(30, (index) => ({ priority: index % (highest + 1) })));
    await expectDepth(t, driver, { ready: 30 });
    assert.equal(await driver.admin.purge(t.queue), 30);
    await expectDepth(t, driver, {});
  }),

  "a priority that does not exist is refused": async (t) => {
    const driver = t.driver();
    for (const priority of [-1, 0.5, t.capabilities.priorityLevels, Number.NaN]) {
      await expectRefusal(driver, t.message({ priority }), UnsupportedError);
    }
    await expectDepth(t, driver, {});
  },

  "a queue that uses no priorities keeps one thing for each message": async (t) => {
    const driver = t.driver();
    await driver.publish(t.batch(25));
    await expectDepth(t, driver, { ready: 25 });
    assert.equal(await t.harness.storedCount(t.queue), 25);
  },
});
