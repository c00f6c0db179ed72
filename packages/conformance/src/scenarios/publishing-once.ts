import assert from "node:assert/strict";
import { QueueFullError, UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { expectDepth } from "../steps/depth.js";
import { expectRefusal } from "../steps/publish.js";
import { receiveOne, textOf } from "../steps/receive.js";
import { ack, settleAll } from "../steps/settle.js";

/** Longer than a scenario takes on a slow machine, so that it is the window that decides. */
const WINDOW_MS = 600_000;

const SHORT_WINDOW_MS = 400;

/** Runs the body where `dedupeMs` is honoured; elsewhere asserts that it is refused rather than ignored. */
function whereDedupes(body: (t: ScenarioContext) => Promise<void>): (t: ScenarioContext) => Promise<void> {
  return async (t) => {
    if (t.capabilities.dedupe) return await body(t);
    const driver = t.driver();
    await expectRefusal(driver, t.message({ dedupeMs: WINDOW_MS }), UnsupportedError);
    await expectDepth(t, driver, {});
  };
}

/** Publishing the same message again without storing it again. */
export const publishingOnce: readonly Scenario[] = scenarioGroup("publishing", {
  "within dedupeMs the same id is stored once, and every publish of it resolves": whereDedupes(async (t) => {
    const driver = t.driver();
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS, body: "first" })]);
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS, body: "second" })]);
    await t.driver().publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS, body: "third" })]);
    await expectDepth(t, driver, { ready: 1 });
    assert.equal(textOf(await receiveOne(t, await t.consumer({ driver }))), "first");
  }),

  "the same id twice in one batch is stored once": whereDedupes(async (t) => {
    const driver = t.driver();
    await driver.publish(t.batch(5, { id: "order-1", dedupeMs: WINDOW_MS }));
    await expectDepth(t, driver, { ready: 1 });
  }),

  "of publishes of the same id at the same time one is stored": whereDedupes(async (t) => {
    const drivers = [t.driver(), t.driver(), t.driver()];
    const publishes = t.batch(12, { id: "order-1", dedupeMs: WINDOW_MS });
    await Promise.all(publishes.map((message, index) => drivers[index % 3]?.publish([message])));
    await expectDepth(t, t.driver(), { ready: 1 });
  }),

  "the same id on another queue is another message": whereDedupes(async (t) => {
    const driver = t.driver();
    const other = t.queueNamed("other");
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS, queue: other })]);
    await expectDepth(t, driver, { ready: 1 });
    await expectDepth(t, driver, { ready: 1 }, other);
  }),

  "the window goes on after the message is settled": whereDedupes(async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    await ack(consumer, [await receiveOne(t, consumer)]);
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    await expectDepth(t, driver, {});
  }),

  "after the window the same id is stored again": whereDedupes(async (t) => {
    const driver = t.driver();
    const once = t.message({ id: "order-1", dedupeMs: SHORT_WINDOW_MS });
    await driver.publish([once]);
    // A repetition must not prolong the window.
    await t.harness.elapse(SHORT_WINDOW_MS / 2);
    await driver.publish([once]);
    await t.harness.elapse(SHORT_WINDOW_MS / 2 + 10);
    await driver.publish([once]);
    await expectDepth(t, driver, { ready: 2 });
  }),

  "a message without dedupeMs is stored although its id is known": whereDedupes(async (t) => {
    const driver = t.driver();
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    await driver.publish([t.message({ id: "order-1" })]);
    await expectDepth(t, driver, { ready: 2 });
  }),

  "a delayed message is stored once as well": whereDedupes(async (t) => {
    const driver = t.driver();
    const notBefore = (await t.harness.now()) + WINDOW_MS;
    await driver.publish(t.batch(2, { id: "order-1", dedupeMs: WINDOW_MS, notBefore }));
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    await expectDepth(t, driver, { delayed: 1 });
  }),

  "a retry is not taken for a repetition of its message": whereDedupes(async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ id: "order-1", dedupeMs: WINDOW_MS })]);
    const delivery = await receiveOne(t, consumer);
    const replacement = t.message({ id: "order-1", body: "again" });
    await settleAll(consumer, [{ kind: "retry", delivery, replacement }]);
    assert.equal(textOf(await receiveOne(t, consumer)), "again");
  }),

  "a message that was refused may be sent again under its id": {
    needs: ["maxLength"],
    run: whereDedupes(async (t) => {
      const driver = t.driver({ maxLength: 1 });
      await driver.publish([t.message()]);
      const once = t.message({ id: "order-1", dedupeMs: WINDOW_MS, body: "once" });
      await expectRefusal(driver, once, QueueFullError);
      const consumer = await t.consumer({ driver });
      await ack(consumer, [await receiveOne(t, consumer)]);
      await driver.publish([once]);
      assert.equal(textOf(await receiveOne(t, consumer)), "once");
    }),
  },
});
