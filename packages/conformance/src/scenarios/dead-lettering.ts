import assert from "node:assert/strict";
import type { BrokerDriver, Consumer, DeadLetterRecord, StoredDeadLetter } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "../steps/dead-letter.js";
import { expectDepth, expectNothingStored } from "../steps/depth.js";
import { receiveExactly, receiveNothing, receiveOne, textOf } from "../steps/receive.js";
import { settleAll, settleLost } from "../steps/settle.js";

/** Every field that a record can have, with texts that try an encoding. */
const FULL_RECORD: Partial<DeadLetterRecord> = {
  reason: "not-retryable",
  failedAt: 1_700_000_123_456,
  attempts: 4,
  deliveryCount: 2,
  taskId: "0190-🧡",
  taskName: "email.send",
  enqueuedAt: 1_700_000_000_001,
  firstFailureAt: 1_700_000_100_000,
  error: { name: "TypeError", message: 'a "quoted"\nmessage, näïve', code: "E_BROKEN", stack: "TypeError\n    at x" },
  worker: "host:42:东京",
};

/** Buries messages one after the other, so that their order is known. */
async function bury(t: ScenarioContext, driver: BrokerDriver, consumer: Consumer, count: number): Promise<void> {
  await driver.publish(t.batch(count, {}, "dead"));
  for (let index = 0; index < count; index += 1) {
    const delivery = await receiveOne(t, consumer);
    const letter = letterOf(delivery, { taskId: textOf(delivery), failedAt: 1_700_000_000_000 + index });
    await settleAll(consumer, [{ kind: "deadLetter", delivery, letter }]);
  }
}

async function browseAll(driver: BrokerDriver, queue: string, limit: number): Promise<StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = [];
  let after: string | undefined;
  do {
    const page = await driver.admin.browseDeadLetters(queue, after === undefined ? { limit } : { limit, after });
    assert.ok(page.letters.length <= limit, `a page of ${limit} has ${page.letters.length} letters`);
    letters.push(...page.letters);
    after = page.next;
  } while (after !== undefined && letters.length < 1_000);
  return letters;
}

/** What is kept of messages that failed for good. */
export const deadLettering: readonly Scenario[] = scenarioGroup("dead-lettering", {
  "a dead letter keeps its record and the original body byte for byte": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const body = Uint8Array.from([0xff, 0xfe, 0x00, 0x0a, 0xc3, 0x28, 0x22]);
    await driver.publish([t.message({ body })]);
    const delivery = await receiveOne(t, consumer);
    const letter = letterOf(delivery, FULL_RECORD);
    await settleAll(consumer, [{ kind: "deadLetter", delivery, letter }]);
    const { letters } = await driver.admin.browseDeadLetters(t.queue);
    assert.equal(letters.length, 1);
    assert.deepEqual(letters[0]?.record, letter.record);
    assert.deepEqual(letters[0] && [...letters[0].body], [...body]);
  },

  "what a record does not know is absent when it is read": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message({ body: "" })]);
    const delivery = await receiveOne(t, consumer);
    const letter = letterOf(delivery, { reason: "undecodable", attempts: 0 });
    await settleAll(consumer, [{ kind: "deadLetter", delivery, letter }]);
    const [stored] = (await driver.admin.browseDeadLetters(t.queue)).letters;
    assert.deepEqual(stored?.record, letter.record);
    assert.equal(stored?.body.byteLength, 0);
  },

  "a large body is kept whole": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    const body = Uint8Array.from({ length: 500_000 }, (_, index) => (index * 7) % 256);
    await driver.publish([t.message({ body })]);
    const delivery = await receiveOne(t, consumer);
    await settleAll(consumer, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
    const [stored] = (await driver.admin.browseDeadLetters(t.queue)).letters;
    assert.ok(stored && Buffer.from(body).equals(stored.body));
  },

  "a buried message is handed out no more": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await bury(t, driver, consumer, 2);
    await expectDepth(t, driver, { deadLetters: 2 });
    await receiveNothing(t, consumer, 100);
    await consumer.close();
    await expectDepth(t, driver, { deadLetters: 2 });
  },

  "burying a delivery twice leaves one letter": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish([t.message()]);
    const delivery = await receiveOne(t, consumer);
    await settleAll(consumer, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
    await settleLost(consumer, { kind: "deadLetter", delivery, letter: letterOf(delivery) });
    await expectDepth(t, driver, { deadLetters: 1 });
  },

  "letters are listed oldest first, page by page, each once": async (t) => {
    const driver = t.driver();
    await bury(t, driver, await t.consumer({ driver }), 11);
    const expected = Array.from({ length: 11 }, (_, index) => `dead${index}`);
    for (const limit of [1, 4, 11, 50]) {
      const letters = await browseAll(driver, t.queue, limit);
      assert.deepEqual(
        letters.map((letter) => letter.record.taskId),
        expected,
        `with pages of ${limit}`,
      );
      assert.equal(new Set(letters.map((letter) => letter.id)).size, 11);
    }
  },

  "a page for which no limit is given has up to 100 letters": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await driver.publish(t.batch(103));
    const deliveries = await receiveExactly(t, consumer, 103);
    await settleAll(
      consumer,
      deliveries.map((delivery) => ({ kind: "deadLetter", delivery, letter: letterOf(delivery) })),
    );
    const first = await driver.admin.browseDeadLetters(t.queue);
    assert.equal(first.letters.length, 100);
    assert.ok(first.next);
    const second = await driver.admin.browseDeadLetters(t.queue, { after: first.next });
    assert.equal(second.letters.length, 3);
    assert.equal(second.next, undefined);
  },

  "browsing changes nothing": async (t) => {
    const driver = t.driver();
    await bury(t, driver, await t.consumer({ driver }), 5);
    const first = await browseAll(driver, t.queue, 2);
    const again = await browseAll(t.driver(), t.queue, 3);
    assert.deepEqual(again, first);
    await expectDepth(t, driver, { deadLetters: 5 });
  },

  "a queue without dead letters lists none": async (t) => {
    const driver = t.driver();
    assert.deepEqual(await driver.admin.browseDeadLetters(t.queue), { letters: [] });
    await driver.publish([t.message()]);
    assert.deepEqual(await driver.admin.browseDeadLetters(t.queue), { letters: [] });
  },

  "a letter is found by its id, which never changes": async (t) => {
    const driver = t.driver();
    const consumer = await t.consumer({ driver });
    await bury(t, driver, consumer, 3);
    const [, second] = await browseAll(driver, t.queue, 10);
    assert.ok(second);
    assert.deepEqual(await driver.admin.findDeadLetter(t.queue, second.id), second);
    await driver.admin.removeDeadLetters(t.queue, [(await browseAll(driver, t.queue, 10))[0]?.id ?? ""]);
    await bury(t, driver, consumer, 1);
    assert.deepEqual(await t.driver().admin.findDeadLetter(t.queue, second.id), second);
  },

  "a letter that is not there is not found": async (t) => {
    const driver = t.driver();
    assert.equal(await driver.admin.findDeadLetter(t.queue, "no-such-letter"), undefined);
    await bury(t, driver, await t.consumer({ driver }), 1);
    const [letter] = await browseAll(driver, t.queue, 10);
    assert.ok(letter);
    await driver.admin.removeDeadLetters(t.queue, [letter.id]);
    assert.equal(await driver.admin.findDeadLetter(t.queue, letter.id), undefined);
    assert.equal(await driver.admin.findDeadLetter(t.queueNamed("other"), letter.id), undefined);
  },

  "removing letters deletes these and says how many there were": async (t) => {
    const driver = t.driver();
    await bury(t, driver, await t.consumer({ driver }), 4);
    const ids = (await browseAll(driver, t.queue, 10)).map((letter) => letter.id);
    assert.equal(await driver.admin.removeDeadLetters(t.queue, [ids[1] ?? "", ids[3] ?? "", "no-such-letter"]), 2);
    assert.equal(await driver.admin.removeDeadLetters(t.queue, [ids[1] ?? ""]), 0);
    assert.equal(await driver.admin.removeDeadLetters(t.queue, []), 0);
    const rest = await browseAll(driver, t.queue, 10);
    assert.deepEqual(
      rest.map((letter) => letter.id),
      [ids[0], ids[2]],
    );
  },

  "purging deletes every letter of the queue and nothing else": async (t) => {
    const driver = t.driver();
    const other = t.queueNamed("other");
    const consumer = await t.consumer({ driver, credits: 1 });
    await bury(t, driver, consumer, 3);
    await driver.publish([t.message({ queue: other })]);
    const elsewhere = await t.consumer({ driver, queue: other });
    const delivery = await receiveOne(t, elsewhere);
    await settleAll(elsewhere, [{ kind: "deadLetter", delivery, letter: letterOf(delivery) }]);
    await driver.publish(t.batch(2));
    await receiveOne(t, consumer);

    assert.equal(await driver.admin.purgeDeadLetters(t.queue), 3);
    assert.equal(await driver.admin.purgeDeadLetters(t.queue), 0);
    await expectDepth(t, driver, { ready: 1, inFlight: 1 });
    await expectDepth(t, driver, { deadLetters: 1 }, other);
  },

  "the letters of a purged queue leave nothing behind": async (t) => {
    const driver = t.driver();
    await bury(t, driver, await t.consumer({ driver }), 5);
    const [first] = await browseAll(driver, t.queue, 10);
    assert.ok(first);
    await driver.admin.removeDeadLetters(t.queue, [first.id]);
    await driver.admin.purgeDeadLetters(t.queue);
    await expectNothingStored(t);
  },
});
