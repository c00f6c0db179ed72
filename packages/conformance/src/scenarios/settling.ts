import assert from "node:assert/strict";
import { type DeadLetter, SettlementError, UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth, expectNothingStored, expectUnsettled } from "../steps/depth.js";
import { promptly } from "../steps/eventually.js";
import { failureOf } from "../steps/publish.js";
import { receiveExactly, receiveNothing, receiveOne, textOf, textsOf } from "../steps/receive.js";
import { ack, idsOf, settleAll, settleLost } from "../steps/settle.js";

/** What becomes of deliveries, and what is answered for those that are held no more. */
export const settling: readonly Scenario[] = scenarioGroup("settling", {
  "an acked message is gone": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(3));
    await ack(consumer, await receiveExactly(t, consumer, 3));
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
    await receiveNothing(t, consumer, 100);
  },

  "messages are settled in any order and any number": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(500));
    const deliveries = await receiveExactly(t, consumer, 500);
    await ack(consumer, deliveries.slice(499));
    await ack(consumer, deliveries.slice(0, 1));
    await ack(consumer, deliveries.slice(1, 499).reverse());
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
  },

  "settling nothing resolves with nothing lost": async (t) => {
    const consumer = await t.consumer();
    assert.deepEqual(await consumer.settle([]), { lost: [] });
  },

  "the second ack of a delivery is lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await ack(consumer, [delivery]);
    await settleLost(consumer, { kind: "ack", delivery });
    await settleLost(consumer, { kind: "ack", delivery });
  },

  "nothing is stored for a settlement that comes second": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await ack(consumer, [delivery]);
    await settleLost(consumer, { kind: "requeue", delivery });
    await settleLost(consumer, { kind: "retry", delivery, replacement: t.message() });
    await settleLost(consumer, { kind: "deadLetter", delivery, letter: letterOf(delivery) });
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
  },

  "an ack after a requeue is lost and leaves the next hand-out alone": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "again" })]);
    const first = await receiveOne(t, consumer);
    await settleAll(consumer, [{ kind: "requeue", delivery: first }]);
    const second = await receiveOne(t, consumer);
    await settleLost(consumer, { kind: "ack", delivery: first });
    await expectDepth(t, driver, { inFlight: 1 });
    await ack(consumer, [second]);
    await expectDepth(t, driver, {});
  },

  "of settlements of one delivery in one call the first takes": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    const { lost } = await consumer.settle([
      { kind: "ack", delivery },
      { kind: "requeue", delivery },
    ]);
    assert.deepEqual(lost, [delivery]);
    await expectDepth(t, driver, {});
  },

  "of settlements of one delivery at the same time one takes": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(10));
    for (const delivery of await receiveExactly(t, consumer, 10)) {
      const results = await Promise.all([
        consumer.settle([{ kind: "ack", delivery }]),
        consumer.settle([{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]),
        consumer.settle([{ kind: "ack", delivery }]),
      ]);
      assert.equal(results.filter(({ lost }) => lost.length === 0).length, 1, "a delivery was settled more than once");
    }
    const depth = await driver.admin.depth(t.queue);
    assert.equal((depth.inFlight ?? 0) + depth.ready, 0);
  },

  "a requeued message is handed out again as it was": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const body = Uint8Array.from([0, 255, 128, 10]);
    await driver.publish([t.message({ body })]);
    for (let round = 0; round < 10; round += 1) {
      const delivery = await receiveOne(t, consumer);
      assert.deepEqual([...delivery.body], [...body]);
      await settleAll(consumer, [{ kind: "requeue", delivery }]);
    }
    await expectUnsettled(t, driver, 1);
  },

  "a requeued message goes to whoever waits": async (t) => {
    const driver = t.driver();
    const [consumer, other] = [await t.consumer({ driver }), await t.consumer()];
    await driver.publish([t.message({ body: "passed on" })]);
    const delivery = await receiveOne(t, consumer);
    const waiting = receiveOne(t, other);
    await settleAll(consumer, [{ kind: "requeue", delivery }]);
    assert.equal(textOf(await waiting), "passed on");
  },

  "one call settles deliveries of every kind": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(8));
    const deliveries = await receiveExactly(t, consumer, 8);
    const later = (await t.harness.now()) + 600_000;
    await settleAll(
      consumer,
      deliveries.map((delivery, index) => {
        if (index % 4 === 0) return { kind: "ack", delivery };
        if (index % 4 === 1) return { kind: "requeue", delivery };
        if (index % 4 === 2) return { kind: "deadLetter", delivery, letter: letterOf(delivery) };
        return { kind: "retry", delivery, replacement: t.message({ body: "replacement", notBefore: later }) };
      }),
    );
    await expectUnsettled(t, driver, 2, { delayed: 2, deadLetters: 2 });
    const again = await receiveExactly(t, consumer, 2);
    const requeued = [deliveries[1], deliveries[5]].map((delivery) => delivery && textOf(delivery));
    assert.deepEqual(new Set(textsOf(again)), new Set(requeued));
  },

  "a lost delivery does not hold up the others of its call": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(5));
    const deliveries = await receiveExactly(t, consumer, 5);
    const gone = deliveries.slice(2, 3);
    await ack(consumer, gone);
    const { lost } = await consumer.settle(deliveries.map((delivery) => ({ kind: "ack", delivery })));
    assert.deepEqual(lost, gone);
    await expectDepth(t, driver, {});
  },

  "a settlement that is refused does not hold up the others of its call, and stays open": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(3));
    const [first, second, third] = await receiveExactly(t, consumer, 3);
    assert.ok(first && second && third);
    const refused = t.message({ priority: t.capabilities.priorityLevels });
    const error = await failureOf(
      consumer.settle([
        { kind: "ack", delivery: first },
        { kind: "retry", delivery: second, replacement: refused },
        { kind: "ack", delivery: third },
      ]),
    );
    assert.ok(error instanceof SettlementError, String(error));
    assert.ok(error.cause instanceof UnsupportedError, String(error.cause));
    assert.deepEqual(idsOf(error.failed.map((settlement) => settlement.delivery)), [second.id]);
    await expectDepth(t, driver, { inFlight: 1 });
    await ack(consumer, [second]);
    await expectDepth(t, driver, {});
  },

  "a SettlementError also says what was lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(2));
    const [gone, held] = await receiveExactly(t, consumer, 2);
    assert.ok(gone && held);
    await ack(consumer, [gone]);
    const replacement = t.message({ priority: t.capabilities.priorityLevels });
    const error = await failureOf(
      consumer.settle([
        { kind: "ack", delivery: gone },
        { kind: "retry", delivery: held, replacement },
      ]),
    );
    assert.ok(error instanceof SettlementError, String(error));
    assert.deepEqual(error.lost, [gone], "a task at most once would run although its ack did not take");
  },

  "settling goes on while a receive waits": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "first" })]);
    const delivery = await receiveOne(t, consumer);
    const waiting = receiveOne(t, consumer);
    await t.harness.elapse(50);
    await promptly(t, "an ack beside a waiting receive", ack(consumer, [delivery]));
    await driver.publish([t.message({ body: "second" })]);
    assert.equal(textOf(await waiting), "second");
  },

  "calls that settle different deliveries overlap": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(60));
    const deliveries = await receiveExactly(t, consumer, 60);
    await Promise.all(deliveries.map((delivery) => ack(consumer, [delivery])));
    await expectDepth(t, driver, {});
    await expectNothingStored(t);
  },

  "what a closed consumer settles is lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "given back" })]);
    const delivery = await receiveOne(t, consumer);
    await consumer.close();
    await settleLost(consumer, { kind: "ack", delivery });
    const letter: DeadLetter = letterOf(delivery);
    await settleLost(consumer, { kind: "deadLetter", delivery, letter });
    await expectDepth(t, driver, { ready: 1 });
  },

  "everything that a queue kept is gone once all is settled": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const levels = t.capabilities.priorityLevels;
    const soon = (await t.harness.now()) + 50;
    await driver.publish(
      t.batch(40, (index) => (index % 2 === 0 ? { priority: index % levels } : { notBefore: soon })),
    );
    await t.harness.elapse(100);
    let deliveries = await receiveExactly(t, consumer, 40);
    await settleAll(
      consumer,
      deliveries.map((delivery, index) =>
        index % 2 === 0
          ? { kind: "requeue", delivery }
          : { kind: "retry", delivery, replacement: t.message({ body: textOf(delivery) }) },
      ),
    );
    deliveries = await receiveExactly(t, consumer, 40);
    await settleAll(
      consumer,
      deliveries.map((delivery, index) =>
        index % 2 === 0 ? { kind: "ack", delivery } : { kind: "deadLetter", delivery, letter: letterOf(delivery) },
      ),
    );
    assert.equal(await driver.admin.purgeDeadLetters(t.queue), 20);
    await expectNothingStored(t);
  },
});
