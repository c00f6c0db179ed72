import assert from "node:assert/strict";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { Crew } from "../steps/crew.js";
import { expectDepth, expectNothingStored } from "../steps/depth.js";
import { randomFrom } from "../steps/random.js";
import { receiveExactly, SLACK_MS, textsOf } from "../steps/receive.js";
import { takeoverMs } from "../steps/takeover.js";

/** Broker time after which work that should take a second or two is given up, in milliseconds. */
const LIMIT_MS = 30_000 + SLACK_MS;

/** Publishes `count` messages from several drivers at once, in batches of different sizes. */
async function produce(t: ScenarioContext, count: number, producers: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const batches = Array.from({ length: producers }, (_, producer) => {
    const messages = t.batch(count / producers, {}, `p${producer}-`);
    const sizes: number[] = [];
    for (let rest = messages.length; rest > 0; rest -= sizes.at(-1) ?? 0) sizes.push(1 + Math.floor(random() * 12));
    return { driver: t.driver(), messages, sizes };
  });
  await Promise.all(
    batches.map(async ({ driver, messages, sizes }) => {
      const open = [...messages];
      for (const size of sizes) await driver.publish(open.splice(0, size));
    }),
  );
  return batches.flatMap(({ messages }) => messages.map((message) => String(message.body)));
}

/** Everything at once, and at the end the numbers add up. */
export const concurrency: readonly Scenario[] = scenarioGroup("concurrency", {
  "with many producers and consumers that settle in every way the ledger adds up": async (t) => {
    const crew = new Crew(t, { seed: 11 });
    const drivers = [t.driver(), t.driver(), t.driver()];
    for (const [index, driver] of drivers.entries()) await crew.join(driver, `worker ${index}`);
    const texts = await produce(t, 300, 3, 12);
    await crew.finish(300, LIMIT_MS);

    assert.deepEqual(new Set(crew.ended.keys()), new Set(texts));
    const twice = [...crew.ended].filter(([, times]) => times > 1);
    assert.deepEqual(twice, [], "messages were acked or buried more than once");
    await expectDepth(t, t.driver(), { deadLetters: crew.buried.size });
    const { letters } = await t.driver().admin.browseDeadLetters(t.queue, { limit: 300 });
    assert.deepEqual(new Set(letters.map((letter) => Buffer.from(letter.body).toString())), crew.buried);
  },

  "receives and settlements of one consumer overlap without a message in two hands": async (t) => {
    const crew = new Crew(t, { seed: 21 });
    await crew.join(t.driver(), "one", 4);
    await produce(t, 200, 2, 22);
    await crew.finish(200, LIMIT_MS);
    assert.ok([...crew.ended.values()].every((times) => times === 1));
    await t.driver().admin.purgeDeadLetters(t.queue);
    await expectNothingStored(t);
  },

  "consumers that come and go lose nothing": async (t) => {
    const crew = new Crew(t, { seed: 31, onlyAck: true });
    const driver = t.driver();
    await crew.join(driver, "staying");
    const producing = produce(t, 240, 2, 32);
    for (let round = 0; round < 6; round += 1) {
      const leaving = await t.consumer({ driver: round % 2 === 0 ? driver : t.driver(), credits: 20 });
      const abort = new AbortController();
      const receiving = leaving.receive(20, abort.signal);
      await t.harness.elapse(5);
      abort.abort();
      // Whether it got something or not, it leaves with it.
      await receiving;
      await leaving.close();
    }
    const texts = await producing;
    await crew.finish(240, LIMIT_MS);
    assert.deepEqual(new Set(crew.ended.keys()), new Set(texts));
    assert.ok([...crew.ended.values()].every((times) => times === 1));
    await expectDepth(t, t.driver(), {});
  },

  "crashes under load lose nothing that was confirmed": async (t) => {
    const crew = new Crew(t, { seed: 41, onlyAck: true });
    const surviving = t.driver();
    await crew.join(surviving, "surviving");
    const crashing = [t.driver(), t.driver()];
    const held = await Promise.all(crashing.map((driver) => t.consumer({ driver, credits: 10 })));
    const texts = await produce(t, 120, 2, 42);
    for (const consumer of held) {
      const abort = new AbortController();
      const receiving = consumer.receive(10, abort.signal);
      await t.harness.elapse(5);
      abort.abort();
      await receiving;
    }
    for (const driver of crashing) await t.crash(driver);
    await crew.finish(120, takeoverMs(t) + LIMIT_MS);
    assert.deepEqual(new Set(crew.ended.keys()), new Set(texts));
    await expectDepth(t, t.driver(), {});
  },

  "many queues are worked off side by side": async (t) => {
    const driver = t.driver();
    const queues = Array.from({ length: 12 }, (_, index) => t.queueNamed(String(index)));
    const consumers = await Promise.all(queues.map((queue) => t.consumer({ driver, queue })));
    await driver.publish(queues.flatMap((queue, index) => t.batch(10, { queue }, `q${index}-`)));
    const received = await Promise.all(consumers.map((consumer) => receiveExactly(t, consumer, 10)));
    for (const [index, deliveries] of received.entries()) {
      assert.ok(textsOf(deliveries).every((text) => text.startsWith(`q${index}-`)));
      assert.equal(new Set(textsOf(deliveries)).size, 10);
    }
  },
});
