import type { DeadLetterRecord, StoredDeadLetter } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, receive, receiveOne, textOf, until } from "./fixture.js";

let server: RabbitmqServer;
let fixture: Fixture;

beforeAll(async () => {
  server = await startRabbitmq({ ownServer: true });
}, 200_000);
afterAll(() => server.stop());
beforeEach(() => {
  fixture = new Fixture(server);
});
afterEach(() => fixture.close());

const envelope = JSON.stringify({ v: 1, id: "e1", name: "email.send", retries: 2, enqueuedAt: 1_700_000_000_000 });

describe("what the server buries itself", () => {
  it("is expired when it waited too long, with what the envelope says", async () => {
    const driver = fixture.driver({ messageTtlMs: 300 });
    await driver.publish([fixture.message(envelope)]);
    await until("the letter", async () => (await driver.admin.depth(fixture.queue)).deadLetters === 1);
    const { letters } = await driver.admin.browseDeadLetters(fixture.queue);
    expect(letters).toMatchObject([
      { record: { reason: "expired", queue: fixture.queue, taskId: "e1", taskName: "email.send", attempts: 2 } },
    ]);
    expect(letters[0]?.record.failedAt).toBeGreaterThan(Date.now() - 120_000);
    expect(Buffer.from(letters[0]?.body ?? []).toString()).toBe(envelope);
  });

  it("is at its delivery limit when it kills process after process", async () => {
    const options = { deliveryLimit: 3 };
    await fixture.driver(options).publish([fixture.message(envelope)]);
    for (let crash = 1; crash <= 4; crash += 1) {
      const driver = fixture.driver(options);
      const delivery = await receiveOne(await fixture.consumer(driver));
      expect(delivery.deliveryCount).toBe(crash);
      driver.crash();
    }
    const { admin } = fixture.driver(options);
    await until("the letter", async () => (await admin.depth(fixture.queue)).deadLetters === 1);
    const { letters } = await admin.browseDeadLetters(fixture.queue);
    expect(letters).toMatchObject([{ record: { reason: "delivery-limit", taskId: "e1" } }]);
  });

  it("is rejected when another program refuses it, and can be replayed like any other", async () => {
    const driver = fixture.driver();
    await driver.publish([fixture.message(envelope)]);
    const channel = await fixture.channel();
    const message = await channel.basicGet(fixture.names.queue(fixture.queue));
    channel.basicNack({ deliveryTag: message?.deliveryTag ?? 0, requeue: false });
    await until("the letter", async () => (await driver.admin.depth(fixture.queue)).deadLetters === 1);
    const [letter] = (await driver.admin.browseDeadLetters(fixture.queue)).letters;
    expect(letter?.record).toMatchObject({ reason: "rejected" });
    expect(await driver.admin.findDeadLetter(fixture.queue, letter!.id)).toEqual(letter);
    const replay = { letterId: letter!.id, message: fixture.message(envelope) };
    expect(await driver.admin.replayDeadLetters(fixture.queue, [replay])).toEqual([letter!.id]);
    expect(textOf(await receiveOne(await fixture.consumer(driver)))).toBe(envelope);
    expect((await driver.admin.depth(fixture.queue)).deadLetters).toBe(0);
  });
});

describe("browsing", () => {
  it("gives nothing another type than it should have, whatever others put there", async () => {
    const driver = fixture.driver();
    await driver.publish([fixture.message(envelope)]);
    const channel = await fixture.channel();
    await channel.confirmSelect();
    const put = (headers: Record<string, unknown>) =>
      channel.basicPublish({ routingKey: fixture.names.deadLetters(fixture.queue), headers }, Buffer.from(envelope));
    const record = { reason: "timeout", failedAt: 5, taskName: 5, error: "x", attempts: "3" };
    await put({ "chicory-letter": JSON.stringify(record) });
    await put({ "chicory-letter": "no JSON" });
    await put({ "x-death": [{ reason: "constructor", time: "x", count: {} }], "x-delivery-count": "x" });
    const { letters } = await driver.admin.browseDeadLetters(fixture.queue);
    expect(letters.map(({ record }) => record.reason)).toEqual(["timeout", "rejected", "rejected"]);
    expect(letters[0]?.record).not.toHaveProperty("error");
    expect(letters[2]?.record).toMatchObject({ taskName: "email.send", deliveryCount: 0 });
  });

  it("lists no queue whose name is none, though somebody registered it", async () => {
    const driver = fixture.driver();
    await driver.publish([fixture.message(envelope)]);
    const channel = await fixture.channel();
    await channel.confirmSelect();
    for (const name of ["{bad}", "\u001b[2J", "x".repeat(5_000)]) {
      await channel.queueDeclare({ queue: fixture.names.queue(name).slice(0, 255), durable: true });
      await channel.basicPublish({ routingKey: fixture.names.registry() }, Buffer.from(name));
    }
    await until("the queue", async () => (await driver.admin.queues()).includes(fixture.queue));
    expect(await driver.admin.queues()).toEqual([fixture.queue]);
  });

  it("leaves letters in their order, however often and by however many it is done", async () => {
    const driver = fixture.driver();
    const consumer = await fixture.consumer(driver);
    await driver.publish(fixture.batch(90));
    const record: DeadLetterRecord = {
      reason: "retries-exhausted",
      queue: fixture.queue,
      failedAt: 1,
      attempts: 3,
      deliveryCount: 1,
      error: { name: "Error", message: "x", stack: "s".repeat(20_000) },
    };
    for (const delivery of await receive(consumer, 90)) {
      await consumer.settle([{ kind: "deadLetter", delivery, letter: { record, body: delivery.body } }]);
    }
    const operators = [fixture.driver(), fixture.driver(), driver];
    const pages = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        operators[index % 3]?.admin.browseDeadLetters(fixture.queue, { limit: index % 2 === 0 ? 100 : 7 }),
      ),
    );
    for (const page of pages) {
      const texts = page?.letters.map(({ body }) => Buffer.from(body).toString());
      expect(texts).toEqual(Array.from({ length: texts?.length ?? 0 }, (_, index) => `m${index}`));
      expect(page?.letters[0]?.record).toEqual(record);
    }
    expect((await driver.admin.depth(fixture.queue)).deadLetters).toBe(90);
  });

  it("leads through thousands of letters in their order, and four who replay them all replay each once", async () => {
    const driver = fixture.driver();
    await bury(1_200);
    const all: StoredDeadLetter[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const page = await driver.admin.browseDeadLetters(fixture.queue, after === undefined ? {} : { after });
      all.push(...page.letters);
      after = page.next;
      more = after !== undefined;
    }
    expect(all.map(({ body }) => Buffer.from(body).toString())).toEqual(
      Array.from({ length: 1_200 }, (_, index) => `m${index}`),
    );
    const replays = all.map(({ id }) => ({ letterId: id, message: fixture.message(id) }));
    const operators = [driver, fixture.driver(), fixture.driver(), fixture.driver()];
    const replayed = await Promise.all(operators.map(({ admin }) => admin.replayDeadLetters(fixture.queue, replays)));
    expect(replayed.flat().sort()).toEqual(all.map(({ id }) => id).sort());
    expect((await driver.admin.depth(fixture.queue)).deadLetters).toBe(0);
  });

  it("ends when somebody purges the queue meanwhile", async () => {
    const driver = fixture.driver({ commandTimeoutMs: 1_000 });
    await bury(1_000);
    const looks = Array.from({ length: 5 }, () => driver.admin.findDeadLetter(fixture.queue, "none"));
    const channel = await fixture.channel();
    for (let purge = 0; purge < 20; purge += 1) await channel.queuePurge(fixture.names.deadLetters(fixture.queue));
    expect(new Set(await Promise.all(looks))).toEqual(new Set([undefined]));
  });

  /** Puts letters there as workers do, one after another. */
  async function bury(count: number): Promise<void> {
    // Whoever first sends to a queue makes the one of its dead letters.
    await fixture.driver().publish([fixture.message("first")]);
    const channel = await fixture.channel();
    await channel.confirmSelect();
    const record = JSON.stringify({
      reason: "rejected",
      queue: fixture.queue,
      failedAt: 1,
      attempts: 1,
      deliveryCount: 1,
    });
    await Promise.all(
      fixture.batch(count).map(({ id, body }) =>
        channel.basicPublish(
          {
            routingKey: fixture.names.deadLetters(fixture.queue),
            messageId: id,
            headers: { "chicory-letter": record, "chicory-buried-at": Date.now() },
          },
          Buffer.from(body),
        ),
      ),
    );
  }
});
