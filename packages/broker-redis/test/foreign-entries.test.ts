import type { DeadLetterRecord } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { GROUP } from "../src/keys.js";
import { ack, Fixture, receive, textOf } from "./fixture.js";

describe("what others wrote into the driver's keys", () => {
  let server: RedisServer;
  let t: Fixture;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    t = new Fixture(server);
  });
  afterEach(async () => {
    await t.close();
  });

  it("is handed out as a JSON object of its fields, and can be buried with all of them", async () => {
    const consumer = await t.consumer();
    const fields = ["data", '{"v":1}', "__proto__", "x", "empty", ""];
    await t.admin.xadd(t.stream(), "*", ...fields);
    await t.admin.xadd(t.stream(), "*", "m", "after it");
    const [foreign, plain] = await receive(consumer, 2);
    if (!foreign || !plain) throw new Error("two were received");
    expect(Object.entries(JSON.parse(textOf(foreign)))).toEqual([
      ["data", '{"v":1}'],
      ["__proto__", "x"],
      ["empty", ""],
    ]);
    expect(textOf(plain)).toBe("after it");
    const record: DeadLetterRecord = {
      reason: "undecodable",
      queue: t.queue,
      failedAt: 1,
      attempts: 0,
      deliveryCount: 1,
    };
    const letter = { record, body: foreign.body };
    expect(await consumer.settle([{ kind: "deadLetter", delivery: foreign, letter }])).toEqual({ lost: [] });
    const { letters } = await t.driver().admin.browseDeadLetters(t.queue);
    expect(letters.map(textOf)).toEqual([textOf(foreign)]);
  });

  it("is handed out in the same way when it arrives while a receive waits", async () => {
    const consumer = await t.consumer();
    const receiving = receive(consumer);
    await eventually(async () => (await t.admin.info("clients")).includes("blocked_clients:1"));
    await t.admin.xadd(t.stream(), "*", "hello", "world");
    expect((await receiving).map(textOf)).toEqual(['{"hello":"world"}']);
  });

  it("is taken for a message if the body is among its fields", async () => {
    const consumer = await t.consumer();
    await t.admin.xadd(t.stream(), "*", "trace", "abc", "m", "body", "more", "x");
    const deliveries = await receive(consumer);
    expect(deliveries.map(textOf)).toEqual(["body"]);
    expect(await consumer.settle(deliveries.map((delivery) => ({ kind: "requeue", delivery })))).toEqual({ lost: [] });
    await receive(consumer);
    const [entry] = await t.admin.xrange(t.stream(), "-", "+");
    expect(entry?.[1]).toEqual(["trace", "abc", "m", "body", "more", "x"]);
  });

  it("is given back, with its neighbours, although it has more fields than a script can pass on", async () => {
    const consumer = await t.consumer();
    const wide = Array.from({ length: 9_000 }, (_, at) => [`f${at}`, "x"]).flat();
    await t.admin.xadd(t.stream(), "*", ...wide);
    await t.admin.xadd(t.stream(), "*", "m", "neighbour");
    const deliveries = await receive(consumer, 2);
    const body = textOf(deliveries[0] ?? { body: Buffer.of() });
    await consumer.settle(deliveries.map((delivery) => ({ kind: "requeue", delivery })));
    expect((await receive(consumer, 2)).map(textOf)).toEqual([body, "neighbour"]);
  });

  it("is delivered in time from the delayed set, and dropped there if it has no body", async () => {
    const consumer = await t.consumer();
    await t.admin.hset(t.keys.bodies, "7c0ffee", "by hand");
    await t.admin.zadd(t.keys.delayed, Date.now() - 10, "7c0ffee", Date.now() - 5, "without a body");
    expect((await receive(consumer)).map(textOf)).toEqual(["by hand"]);
    await eventually(async () => (await t.admin.exists(t.keys.delayed, t.keys.bodies)) === 0);
  });

  it("is listed among the dead letters with a bare record", async () => {
    const id = await t.admin.xadd(t.keys.deadLetters, "1700000000000-1", "m", "body", "e", "no JSON");
    const letter = await t.driver().admin.findDeadLetter(t.queue, id ?? "");
    expect(letter).toEqual({
      id: "1700000000000-1",
      body: Buffer.from("body"),
      record: { reason: "rejected", queue: t.queue, failedAt: 1_700_000_000_000, attempts: 0, deliveryCount: 0 },
    });
  });

  it("is listed among the dead letters with nothing of another type than it should have", async () => {
    const record = { reason: "timeout", failedAt: 5, taskName: 5, worker: ["x"], error: { message: 1 }, attempts: "3" };
    await t.admin.xadd(t.keys.deadLetters, "*", "m", "body", "e", JSON.stringify(record));
    const { letters } = await t.driver().admin.browseDeadLetters(t.queue);
    expect(letters[0]?.record).toEqual({ reason: "timeout", failedAt: 5, queue: "", attempts: 0, deliveryCount: 0 });
  });

  it("does not hold up anything when it deletes an entry that is in flight", async () => {
    const driver = t.driver();
    const consumer = await t.consumer(driver);
    await driver.publish(t.batch(3));
    const deliveries = await receive(consumer, 3);
    await t.admin.xdel(t.stream(), deliveries[1]?.id ?? "");
    await ack(consumer, deliveries);
    expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 0, inFlight: 0 });
    expect(await t.admin.xpending(t.stream(), GROUP)).toEqual([0, null, null, null]);
  });

  it("leaves no queue in the list whose name is none", async () => {
    const driver = t.driver();
    await driver.publish([t.message("x")]);
    await t.admin.sadd(`${t.prefix}:queues`, "{bad}", "also bad");
    await eventually(async () => (await driver.admin.queues()).length > 0);
    expect(await driver.admin.queues()).toEqual([t.queue]);
  });
});
