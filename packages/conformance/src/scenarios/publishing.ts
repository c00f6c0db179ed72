import assert from "node:assert/strict";
import { UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import { expectDepth, expectNothingStored } from "../steps/depth.js";
import { publishRefused } from "../steps/publish.js";
import { receiveExactly, receiveOne, textOf, textsOf } from "../steps/receive.js";
import { ack } from "../steps/settle.js";

const MEBIBYTE = 1_048_576;

/** Bytes that are no valid UTF-8 in several ways, with NUL and line ends between them. */
const NO_UTF8 = Uint8Array.from([0xff, 0xfe, 0x00, 0x0d, 0x0a, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x80, 0x00]);

/** How messages are stored, and how a publish says that they are not. */
export const publishing: readonly Scenario[] = scenarioGroup("publishing", {
  "a string body arrives as its UTF-8 bytes": async (t) => {
    const body = 'plain, "quoted", näïve, 東京, 🧡, \u0000 and\r\nlines';
    const driver = t.driver();
    await driver.publish([t.message({ body })]);
    const delivery = await receiveOne(t, await t.consumer({ driver }));
    assert.deepEqual(Buffer.from(delivery.body), Buffer.from(body, "utf8"));
  },

  "a body of bytes arrives byte for byte, also when it is no UTF-8": async (t) => {
    const driver = t.driver();
    await driver.publish([t.message({ body: NO_UTF8 })]);
    const delivery = await receiveOne(t, await t.consumer({ driver }));
    assert.deepEqual(Buffer.from(delivery.body), Buffer.from(NO_UTF8));
  },

  "an empty body arrives empty": async (t) => {
    const driver = t.driver();
    await driver.publish([t.message({ body: "" }), t.message({ body: new Uint8Array(0) })]);
    const deliveries = await receiveExactly(t, await t.consumer({ driver }), 2);
    assert.deepEqual(
      deliveries.map((delivery) => delivery.body.byteLength),
      [0, 0],
    );
  },

  "a body of 1 MiB arrives whole": async (t) => {
    const body = Uint8Array.from({ length: MEBIBYTE }, (_, index) => (index * 31 + (index >> 8)) % 256);
    const driver = t.driver();
    await driver.publish([t.message({ body })]);
    const delivery = await receiveOne(t, await t.consumer({ driver }));
    assert.ok(Buffer.from(body).equals(delivery.body), "the bytes of a large body changed on their way");
  },

  "bytes that the caller changes after the publish stay as they were": async (t) => {
    const body = Uint8Array.from([1, 2, 3]);
    const driver = t.driver();
    await driver.publish([t.message({ body })]);
    body.fill(9);
    const delivery = await receiveOne(t, await t.consumer({ driver }));
    assert.deepEqual([...delivery.body], [1, 2, 3]);
  },

  "bytes that a foreign client put there are handed out unchanged": async (t) => {
    const consumer = await t.consumer();
    await t.harness.putForeign(t.queue, NO_UTF8);
    const delivery = await receiveOne(t, consumer);
    assert.deepEqual(Buffer.from(delivery.body), Buffer.from(NO_UTF8));
    await ack(consumer, [delivery]);
    await expectNothingStored(t);
  },

  "messages of one batch arrive in the order of the batch": async (t) => {
    const driver = t.driver();
    const batch = t.batch(50);
    await driver.publish(batch);
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 50));
    const expected = batch.map((message) => message.body);
    if (t.capabilities.ordering === "none") assert.deepEqual(new Set(texts), new Set(expected));
    else assert.deepEqual(texts, expected);
  },

  "batches that follow one another arrive in that order": async (t) => {
    const driver = t.driver();
    const batches = ["a", "b", "c"].map((prefix) => t.batch(10, {}, prefix));
    for (const batch of batches) await driver.publish(batch);
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 30));
    const expected = batches.flat().map((message) => message.body);
    if (t.capabilities.ordering === "none") assert.deepEqual(new Set(texts), new Set(expected));
    else assert.deepEqual(texts, expected);
  },

  "a batch may hold messages for several queues": async (t) => {
    const driver = t.driver();
    const other = t.queueNamed("other");
    await driver.publish(t.batch(10, (index) => (index % 2 === 0 ? {} : { queue: other })));
    await expectDepth(t, driver, { ready: 5 });
    await expectDepth(t, driver, { ready: 5 }, other);
  },

  "a batch of 1,000 messages is stored whole": async (t) => {
    const driver = t.driver();
    const batch = t.batch(1_000);
    await driver.publish(batch);
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), 1_000));
    assert.deepEqual(new Set(texts), new Set(batch.map((message) => message.body)));
  },

  "an empty batch resolves and stores nothing": async (t) => {
    const driver = t.driver();
    await driver.publish([]);
    await expectDepth(t, driver, {});
  },

  "publishes that run at the same time are all stored": async (t) => {
    const drivers = [t.driver(), t.driver()];
    await Promise.all(t.batch(60).map((message, index) => drivers[index % 2]?.publish([message])));
    const texts = textsOf(await receiveExactly(t, await t.consumer(), 60));
    assert.equal(new Set(texts).size, 60);
  },

  "a publish that resolved is stored: another driver finds the message at once": async (t) => {
    const consumer = await t.consumer();
    const driver = t.driver();
    for (let round = 0; round < 10; round += 1) {
      await driver.publish([t.message()]);
      await ack(consumer, [await receiveOne(t, consumer)]);
    }
    // A consumer that is there may be sent what nobody asked for yet.
    await consumer.close();
    await driver.publish(t.batch(7));
    // No waiting: what is not stored when publish resolves is counted here as missing.
    assert.equal((await t.driver().admin.depth(t.queue)).ready, 7);
  },

  "what a PublishError names is not stored, and the rest of its batch is": async (t) => {
    const driver = t.driver();
    const bad = { priority: t.capabilities.priorityLevels };
    const batch = t.batch(9, (index) => (index % 3 === 1 ? bad : {}));
    const failures = await publishRefused(driver, batch);

    const named = failures.map((failure) => failure.message.body);
    for (const refused of ["m1", "m4", "m7"])
      assert.ok(named.includes(refused), `${refused} is not among the failures`);
    for (const failure of failures) assert.equal(failure.outcome, "rejected");
    const stored = batch.map((message) => message.body).filter((body) => !named.includes(body));
    await expectDepth(t, driver, { ready: stored.length });
    const texts = textsOf(await receiveExactly(t, await t.consumer({ driver }), stored.length));
    assert.deepEqual(new Set(texts), new Set(stored));
  },

  "a PublishError lists its failures in the order of the call, with their causes": async (t) => {
    const bad = { priority: t.capabilities.priorityLevels };
    const batch = t.batch(6, bad);
    const failures = await publishRefused(t.driver(), batch);
    assert.equal(failures.length, batch.length);
    for (const [index, { message }] of failures.entries()) {
      assert.equal(message, batch[index], "a failure names another object than the message that was passed");
    }
    for (const { cause } of failures) assert.ok(cause instanceof UnsupportedError, String(cause));
  },

  "a message that waits for no consumer is kept until one comes": async (t) => {
    const publisher = t.driver();
    await publisher.publish([t.message({ body: "early" })]);
    await publisher.close();
    assert.equal(textOf(await receiveOne(t, await t.consumer())), "early");
  },
});
