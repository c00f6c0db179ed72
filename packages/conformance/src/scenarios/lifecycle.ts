import assert from "node:assert/strict";
import { ClosedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth } from "../steps/depth.js";
import { promptly } from "../steps/eventually.js";
import { failureOf } from "../steps/publish.js";
import { receiveOne, textOf } from "../steps/receive.js";
import { ack } from "../steps/settle.js";

const never = new AbortController().signal;

async function expectClosed(t: ScenarioContext, what: string, promise: Promise<unknown>): Promise<void> {
  const error = await promptly(t, what, failureOf(promise));
  assert.ok(error instanceof ClosedError, `${what} rejected with ${String(error)} instead of a ClosedError`);
}

/** Beginning and end of drivers and consumers. */
export const lifecycle: readonly Scenario[] = scenarioGroup("lifecycle", {
  "a driver that was never used can be closed": async (t) => {
    await promptly(t, "closing", t.driver().close());
  },

  "connecting again, also at the same time, does no harm": async (t) => {
    const driver = t.driver();
    await Promise.all([driver.connect(), driver.connect()]);
    await driver.connect();
    await driver.publish([t.message()]);
    await driver.connect();
    await expectDepth(t, driver, { ready: 1 });
  },

  "a connect that is given up rejects with the reason, and the driver stays usable": async (t) => {
    const driver = t.driver();
    const reason = new Error("given up");
    assert.equal(await promptly(t, "connecting", failureOf(driver.connect(AbortSignal.abort(reason)))), reason);
    await driver.connect();
    await driver.publish([t.message()]);
    await expectDepth(t, driver, { ready: 1 });
  },

  "a driver publishes without being connected first": async (t) => {
    const driver = t.driver();
    await Promise.all(t.batch(5).map((message) => driver.publish([message])));
    await expectDepth(t, t.driver(), { ready: 5 });
  },

  "a driver consumes without being connected first": async (t) => {
    await t.driver().publish([t.message({ body: "hello" })]);
    const consumer = await t.driver().consume(t.queue, { worker: `${t.queue}-worker`, credits: 1 });
    assert.equal(textOf(await receiveOne(t, consumer)), "hello");
  },

  "a driver administers without being connected first": async (t) => {
    assert.equal((await t.driver().admin.depth(t.queue)).ready, 0);
    assert.ok(Array.isArray(await t.driver().admin.queues()));
  },

  "closing a driver twice does no harm": async (t) => {
    const driver = t.driver();
    await driver.connect();
    await promptly(t, "closing", Promise.all([driver.close(), driver.close()]));
    await promptly(t, "closing again", driver.close());
  },

  "closing a consumer twice does no harm": async (t) => {
    const consumer = await t.consumer();
    await promptly(t, "closing", Promise.all([consumer.close(), consumer.close()]));
    await promptly(t, "closing again", consumer.close());
  },

  "a closed driver refuses to connect, publish and consume": async (t) => {
    const driver = t.driver();
    await driver.connect();
    await driver.close();
    await expectClosed(t, "connect", driver.connect());
    await expectClosed(t, "publish", driver.publish([t.message()]));
    await expectClosed(t, "consume", driver.consume(t.queue, { worker: "late", credits: 1 }));
    await expectDepth(t, t.driver(), {});
  },

  "a closed driver refuses to administer": async (t) => {
    const driver = t.driver();
    const { admin } = driver;
    await driver.connect();
    await driver.close();
    await expectClosed(t, "queues", admin.queues());
    await expectClosed(t, "depth", admin.depth(t.queue));
    await expectClosed(t, "purge", admin.purge(t.queue));
    await expectClosed(t, "browseDeadLetters", admin.browseDeadLetters(t.queue));
    await expectClosed(t, "findDeadLetter", admin.findDeadLetter(t.queue, "1"));
    await expectClosed(t, "replayDeadLetters", admin.replayDeadLetters(t.queue, []));
    await expectClosed(t, "removeDeadLetters", admin.removeDeadLetters(t.queue, ["1"]));
    await expectClosed(t, "purgeDeadLetters", admin.purgeDeadLetters(t.queue));
  },

  "a driver that was closed before it was used refuses as well": async (t) => {
    const driver = t.driver();
    await driver.close();
    await expectClosed(t, "publish", driver.publish([t.message()]));
    await expectClosed(t, "depth", driver.admin.depth(t.queue));
  },

  "closing a driver closes its consumers: their receives resolve empty": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const receiving = consumer.receive(10, never);
    await t.harness.elapse(50);
    await promptly(t, "closing", driver.close());
    assert.deepEqual(await promptly(t, "a receive of a closed driver", receiving), []);
    assert.deepEqual(await promptly(t, "a receive of a closed driver", consumer.receive(10, never)), []);
    await promptly(t, "closing the consumer", consumer.close());
  },

  "what a closed driver's consumer settles is lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await driver.close();
    const { lost } = await promptly(t, "settling", consumer.settle([{ kind: "ack", delivery }]));
    assert.deepEqual(lost, [delivery]);
    await expectDepth(t, t.driver(), { ready: 1 });
  },

  "publishes that are under way when the driver closes end as what they are": async (t) => {
    const driver = t.driver();
    await driver.connect();
    const publishes = t.batch(20).map((message) =>
      driver.publish([message]).then(
        () => true,
        () => false,
      ),
    );
    await promptly(t, "closing", driver.close());
    const stored = (await promptly(t, "the publishes", Promise.all(publishes))).filter(Boolean).length;
    const { ready } = await t.driver().admin.depth(t.queue);
    assert.ok(ready >= stored, `${stored} publishes resolved, and ${ready} messages are stored`);
  },

  "a settlement that is under way when the consumer closes took or is lost": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    const settling = consumer.settle([{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
    const [{ lost }] = await promptly(t, "settling and closing", Promise.all([settling, consumer.close()]));
    await expectDepth(t, driver, lost.length === 0 ? { deadLetters: 1 } : { ready: 1 });
  },

  "closing one driver leaves the others alone": async (t) => {
    const [leaving, staying] = [t.driver(), t.driver()];
    const consumer = await t.consumer({ driver: staying });
    const waiting = receiveOne(t, consumer);
    await leaving.publish([]);
    await leaving.close();
    await staying.publish([t.message({ body: "still here" })]);
    const delivery = await waiting;
    assert.equal(textOf(delivery), "still here");
    await ack(consumer, [delivery]);
  },

  "closing one consumer leaves the others of its driver alone": async (t) => {
    const driver = t.driver();
    const [leaving, staying] = [await t.consumer({ driver }), await t.consumer({ driver })];
    await driver.publish([t.message({ body: "first" })]);
    const held = await receiveOne(t, staying);
    const waiting = receiveOne(t, staying);
    await leaving.close();
    await driver.publish([t.message({ body: "second" })]);
    const next = await waiting;
    assert.equal(textOf(next), "second");
    await ack(staying, [held, next]);
  },

  "one driver serves consumers of several queues": async (t) => {
    const driver = t.driver();
    const queues = ["a", "b", "c"].map((label) => t.queueNamed(label));
    const consumers = await Promise.all(queues.map((queue) => t.consumer({ driver, queue })));
    const waiting = consumers.map((consumer) => receiveOne(t, consumer));
    await driver.publish(queues.map((queue) => t.message({ queue, body: queue })));
    assert.deepEqual((await Promise.all(waiting)).map(textOf), queues);
  },

  "a queue is used again after all its consumers left": async (t) => {
    const driver = t.driver();
    for (let round = 0; round < 4; round += 1) {
      const consumer = await t.consumer({ driver });
      await driver.publish([t.message({ body: `round ${round}` })]);
      const delivery = await receiveOne(t, consumer);
      assert.equal(textOf(delivery), `round ${round}`);
      await ack(consumer, [delivery]);
      await consumer.close();
    }
    await expectDepth(t, driver, {});
  },
});
