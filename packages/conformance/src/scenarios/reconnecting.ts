import assert from "node:assert/strict";
import { type BrokerDriver, BrokerError, type Delivery } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { Collector } from "../steps/collector.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth } from "../steps/depth.js";
import { eventually, promptly, turns } from "../steps/eventually.js";
import { failureOf } from "../steps/publish.js";
import { PublishLedger } from "../steps/publish-ledger.js";
import {
  receiveExactly,
  receiveOne,
  receiveOverTime,
  receiveThroughFaults,
  textOf,
  textsOf,
} from "../steps/receive.js";
import { ack, settleAll, settleThroughFaults } from "../steps/settle.js";
import { takeoverMs } from "../steps/takeover.js";

/** Publishes new messages until one is confirmed, and returns its text. */
async function publishUntilConfirmed(t: ScenarioContext, driver: BrokerDriver): Promise<string> {
  return await eventually(t, async () => {
    const message = t.message();
    await driver.publish([message]);
    return message.id;
  });
}

/** Works 300 messages off, a few at a time, while connections break several times. */
async function workThroughFaults(t: ScenarioContext, breakConnections: () => Promise<void>, times: number) {
  const batch = t.batch(300);
  await t.driver().publish(batch);
  const collectors = [new Collector(t, await t.consumer(), 2), new Collector(t, await t.consumer(), 3)];
  for (let round = 0; round < times; round += 1) {
    const before = collected(collectors);
    await turns(t, () => collected(collectors) > before || before === batch.length);
    // Counted in turns of the event loop, so that calls of every kind are under way when the connections break.
    for (let extra = 0; extra < (round * 3) % 7; extra += 1) await turns(t, () => true);
    await breakConnections();
  }
  const expected = new Set(batch.map((message) => message.body));
  await eventually(t, () => {
    assert.deepEqual(new Set(collectors.flatMap((collector) => collector.texts)), expected);
  });
  await expectDepth(t, t.driver(), {});
  await Promise.all(collectors.map((collector) => collector.stop()));
}

function collected(collectors: readonly Collector[]): number {
  return collectors.reduce((sum, { texts }) => sum + texts.length, 0);
}

/** What a broken connection or a restarted server must not break. */
export const reconnecting: readonly Scenario[] = scenarioGroup("reconnecting", {
  "a consumer that waits goes on after its connection was cut": {
    needs: ["severConnections"],
    run: async (t) => {
      const collector = new Collector(t, await t.consumer());
      const publisher = t.driver();
      for (let round = 0; round < 5; round += 1) {
        await t.harness.elapse(50);
        await t.severConnections();
        await collector.has([await publishUntilConfirmed(t, publisher)]);
      }
      await collector.stop();
    },
  },

  "a cut connection is reported as something that passes": {
    needs: ["severConnections"],
    run: async (t) => {
      const driver = t.driver();
      await driver.connect();
      await t.severConnections();
      // Whatever notices the cut first: it must fail as retryable, or not at all.
      const results = await Promise.allSettled([
        driver.admin.depth(t.queue),
        driver.admin.queues(),
        driver.consume(t.queue, { worker: `${t.queue}-worker`, credits: 1 }),
      ]);
      for (const result of results) {
        if (result.status === "fulfilled") continue;
        assert.ok(result.reason instanceof BrokerError && result.reason.retryable, String(result.reason));
      }
      await eventually(t, () => driver.admin.depth(t.queue));
    },
  },

  "a publisher goes on after its connection was cut": {
    needs: ["severConnections"],
    run: async (t) => {
      const driver = t.driver();
      const before = t.message();
      await driver.publish([before]);
      await t.severConnections();
      const after = await publishUntilConfirmed(t, driver);
      const collector = new Collector(t, await t.consumer());
      await collector.has([before.id, after]);
      await collector.stop();
    },
  },

  "deliveries that were held when the connection was cut are settled, or handed out again": {
    needs: ["severConnections"],
    run: async (t) => {
      const reported: Delivery[] = [];
      const consumer = await t.consumer({ onLost: (deliveries) => reported.push(...deliveries) });
      await t.driver().publish(t.batch(10));
      const deliveries = await receiveExactly(t, consumer, 10);
      await t.severConnections();
      const settlements = deliveries.map((delivery) => ({ kind: "ack", delivery }) as const);
      const lost = await settleThroughFaults(t, consumer, settlements);
      if (t.capabilities.ownership === "lease") {
        assert.deepEqual(reported, [], "a cut shorter than the lease must not cost a delivery");
      } else {
        const again = await receiveThroughFaults(t, consumer, lost.length);
        assert.ok(again.every((delivery) => delivery.redelivered));
        await ack(consumer, again);
      }
      await expectDepth(t, t.driver(), {});
    },
  },

  "what was fetched when the connection was cut is not lost": {
    needs: ["severConnections"],
    run: (t) => workThroughFaults(t, () => t.severConnections(), 12),
  },

  "while connections are cut, every publish ends as what it is": {
    needs: ["severConnections"],
    run: async (t) => {
      const ledger = new PublishLedger();
      const drivers = [t.driver(), t.driver()];
      for (let round = 0; round < 12; round += 1) {
        const publishes = t
          .batch(6, {}, `round${round}-`)
          .map((message, index) => ledger.publish(drivers[index % 2], [message]));
        if (round % 2 === 0) await t.severConnections();
        await promptly(t, "a publish", Promise.all(publishes));
        if (round % 2 === 1) await t.severConnections();
      }
      await ledger.check(t);
    },
  },

  "a broker that says nothing any more makes every call end": {
    needs: ["isolate"],
    run: async (t) => {
      const driver = t.driver();
      const consumer = await t.consumer({ driver });
      await driver.publish(t.batch(2));
      const [held] = await receiveExactly(t, consumer, 2);
      assert.ok(held);
      const successor = await t.consumer();
      const waiting = failureOf(consumer.receive(1, new AbortController().signal));
      await t.harness.elapse(50);
      const heal = await t.isolate(driver);
      const message = t.message({ queue: t.queueNamed("other") });
      const settling = consumer.settle([{ kind: "ack", delivery: held }]);
      const calls = [failureOf(driver.admin.depth(t.queue)), failureOf(driver.publish([message])), waiting];
      // Where no ack is ever answered, silence does not show in one.
      if (t.capabilities.settleConfirmed) calls.push(failureOf(settling));
      else await promptly(t, "a settlement that is not confirmed", settling);
      for (const error of await promptly(t, "a call to a silent broker", Promise.all(calls))) {
        const cause = error instanceof BrokerError ? error : (error as Error).cause;
        assert.ok(cause instanceof BrokerError && cause.retryable, `silence was reported as final: ${String(error)}`);
      }
      await promptly(t, "closing while the broker is silent", driver.close());
      const taken = await receiveOverTime(t, successor, 2, takeoverMs(t));
      assert.ok(taken.some(({ delivery }) => textOf(delivery) === textOf(held)));
      await heal();
    },
  },

  "delayed messages and dead letters outlive a cut": {
    needs: ["severConnections"],
    run: async (t) => {
      const driver = t.driver();
      const consumer = await t.consumer({ driver });
      await driver.publish([t.message({ body: "dead" })]);
      const delivery = await receiveOne(t, consumer);
      await settleAll(consumer, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
      await driver.publish([t.message({ body: "later", notBefore: (await t.harness.now()) + 600 })]);
      await t.severConnections();
      await t.harness.elapse(600 + t.capabilities.delay.precisionMs);
      assert.deepEqual(textsOf(await receiveThroughFaults(t, consumer, 1)), ["later"]);
      await expectDepth(t, driver, { inFlight: 1, deadLetters: 1 });
    },
  },

  "a restarted server still has every message in its state": {
    needs: ["restartServer"],
    run: async (t) => {
      const driver = t.driver();
      const consumer = await t.consumer({ driver });
      const notBefore = (await t.harness.now()) + 3_600_000;
      await driver.publish([...t.batch(5), ...t.batch(3, { notBefore })]);
      const delivery = await receiveOne(t, consumer);
      await settleAll(consumer, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
      await consumer.close();
      await t.restartServer();
      await expectDepth(t, driver, { ready: 4, delayed: 3, deadLetters: 1 });
      await expectDepth(t, t.driver(), { ready: 4, delayed: 3, deadLetters: 1 });
    },
  },

  "a consumer that waits goes on after the server was restarted": {
    needs: ["restartServer"],
    run: async (t) => {
      const collector = new Collector(t, await t.consumer());
      const publisher = t.driver();
      for (let round = 0; round < 2; round += 1) {
        await t.harness.elapse(50);
        await t.restartServer();
        await collector.has([await publishUntilConfirmed(t, publisher)]);
      }
      await collector.stop();
    },
  },

  "work goes on through a restart, and every message is done": {
    needs: ["restartServer"],
    run: (t) => workThroughFaults(t, () => t.restartServer(), 1),
  },
});
