import assert from "node:assert/strict";
import type { BrokerDriver, Replay, StoredDeadLetter } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDelayed, expectDepth, expectNothingStored } from "../steps/depth.js";
import { receiveExactly, receiveOne, receiveOverTime, SLACK_MS, textOf, textsOf } from "../steps/receive.js";
import { ack, settleAll } from "../steps/settle.js";

/** Long enough to be counted meanwhile on a busy machine. */
const DELAY_MS = 1_500;

/** A queue with dead letters `m0`, `m1`, ..., in that order. */
async function buried(t: ScenarioContext, driver: BrokerDriver, count: number): Promise<readonly StoredDeadLetter[]> {
  const consumer = await t.consumer({ driver });
  await driver.publish(t.batch(count));
  const deliveries = await receiveExactly(t, consumer, count);
  await settleAll(
    consumer,
    deliveries.map((delivery) => ({ kind: "deadLetter", delivery, letter: letterOf(delivery) })),
  );
  await consumer.close();
  const { letters } = await driver.admin.browseDeadLetters(t.queue, { limit: count });
  assert.equal(letters.length, count);
  return letters;
}

function replayOf(t: ScenarioContext, letter: StoredDeadLetter, body: Uint8Array | string = letter.body): Replay {
  return { letterId: letter.id, message: t.message({ body }) };
}

/** Dead letters that are to run again. */
export const replaying: readonly Scenario[] = scenarioGroup("dead-lettering", {
  "a replayed message takes the place of its letter": async (t) => {
    const driver = t.driver();
    const letters = await buried(t, driver, 3);
    const [, second] = letters;
    assert.ok(second);
    const body = Uint8Array.from([9, 0, 255]);
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [replayOf(t, second, body)]), [second.id]);
    await expectDepth(t, driver, { ready: 1, deadLetters: 2 });
    const delivery = await receiveOne(t, await t.consumer({ driver }));
    assert.deepEqual([...delivery.body], [...body]);
    assert.equal(delivery.deliveryCount, 1);
    assert.equal(delivery.redelivered, false);
  },

  "replaying some letters leaves the others as they were": async (t) => {
    const driver = t.driver();
    const letters = await buried(t, driver, 6);
    const chosen = letters.filter((_, index) => index % 2 === 0);
    const replayed = await driver.admin.replayDeadLetters(
      t.queue,
      chosen.map((letter) => replayOf(t, letter)),
    );
    assert.deepEqual(new Set(replayed), new Set(chosen.map((letter) => letter.id)));
    const { letters: rest } = await driver.admin.browseDeadLetters(t.queue);
    assert.deepEqual(
      rest,
      letters.filter((letter) => !chosen.includes(letter)),
    );
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 3));
    assert.deepEqual(new Set(texts), new Set(chosen.map((letter) => Buffer.from(letter.body).toString())));
  },

  "a replay of a letter that is gone publishes nothing": async (t) => {
    const driver = t.driver();
    const [letter] = await buried(t, driver, 1);
    assert.ok(letter);
    await driver.admin.removeDeadLetters(t.queue, [letter.id]);
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [replayOf(t, letter)]), []);
    const unknown: Replay = { letterId: "no-such-letter", message: t.message() };
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [unknown]), []);
    await expectDepth(t, driver, {});
  },

  "a letter that was replayed cannot be replayed again": async (t) => {
    const driver = t.driver();
    const [letter] = await buried(t, driver, 1);
    assert.ok(letter);
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [replayOf(t, letter)]), [letter.id]);
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [replayOf(t, letter)]), []);
    await expectDepth(t, driver, { ready: 1 });
  },

  "of two operators who replay the same letters one gets each": async (t) => {
    const driver = t.driver();
    const letters = await buried(t, driver, 40);
    const operators = [t.driver(), t.driver(), t.driver()];
    const results = await Promise.all(
      operators.flatMap((operator) =>
        [letters, [...letters].reverse()].map((list) =>
          operator.admin.replayDeadLetters(
            t.queue,
            list.map((letter) => replayOf(t, letter)),
          ),
        ),
      ),
    );
    const replayed = results.flat();
    assert.equal(replayed.length, 40, "a letter was replayed twice or never");
    assert.deepEqual(new Set(replayed), new Set(letters.map((letter) => letter.id)));
    await expectDepth(t, driver, { ready: 40 });
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 40));
    assert.equal(new Set(texts).size, 40);
  },

  "a replayed message wakes a consumer that waits": async (t) => {
    const driver = t.driver();
    const [letter] = await buried(t, driver, 1);
    assert.ok(letter);
    const consumer = await t.consumer();
    const waiting = receiveOne(t, consumer);
    await t.harness.elapse(100);
    await driver.admin.replayDeadLetters(t.queue, [replayOf(t, letter, "again")]);
    const delivery = await waiting;
    assert.equal(textOf(delivery), "again");
    await ack(consumer, [delivery]);
    await expectNothingStored(t);
  },

  "a replay can be delayed": async (t) => {
    const driver = t.driver();
    const [letter] = await buried(t, driver, 1);
    assert.ok(letter);
    const notBefore = (await t.harness.now()) + DELAY_MS;
    const replay: Replay = { letterId: letter.id, message: t.message({ body: "later", notBefore }) };
    assert.deepEqual(await driver.admin.replayDeadLetters(t.queue, [replay]), [letter.id]);
    await expectDelayed(t, driver, notBefore);
    const [taken] = await receiveOverTime(t, await t.consumer({ driver }), 1, DELAY_MS + SLACK_MS);
    assert.ok(taken && taken.at >= notBefore);
  },

  "a replay keeps the priority that it is given": async (t) => {
    const driver = t.driver();
    const letters = await buried(t, driver, 1);
    const priority = t.capabilities.priorityLevels - 1;
    await driver.publish([t.message({ body: "plain" })]);
    await driver.admin.replayDeadLetters(
      t.queue,
      letters.map((letter) => ({ letterId: letter.id, message: t.message({ body: "urgent", priority }) })),
    );
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 2));
    if (priority === 0) assert.deepEqual(new Set(texts), new Set(["plain", "urgent"]));
    else assert.deepEqual(texts, ["urgent", "plain"]);
  },
});
