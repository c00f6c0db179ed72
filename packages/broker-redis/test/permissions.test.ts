import { AccessError, SettlementError } from "@chicory/core";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ack, Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";
import { rightsOf } from "./rights.js";

const WORKER = rightsOf("worker");

describe("the driver as a user with few rights", () => {
  let server: RedisServer;
  let t: Fixture;
  beforeAll(async () => {
    server = await startRedis({
      users: [
        `producer on >p ~test-* resetchannels -@all ${rightsOf("producer")}`,
        `worker on >w ~test-* resetchannels -@all ${WORKER}`,
        `admin on >a ~test-* resetchannels -@all ${rightsOf("admin")}`,
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    t = new Fixture(server);
  });
  afterEach(async () => {
    await t.admin.call("ACL", "SETUSER", "worker", ...WORKER.split(" "));
    await t.close();
  });

  const producer = () => t.driver({ username: "producer", password: "p" });
  const worker = () => t.driver({ username: "worker", password: "w" });

  it("publishes in every way as a producer that may do nothing else", async () => {
    const driver = producer();
    const later = Date.now() + 3_600_000;
    await driver.publish([t.message("plain")]);
    await driver.publish([
      t.message("one of two"),
      t.message("urgent", { priority: 9 }),
      t.message("later", { notBefore: later }),
      t.message("once", { dedupeMs: 60_000 }),
    ]);
    expect(await t.admin.xlen(t.stream())).toBe(3);
    expect(await t.admin.xlen(t.stream(9))).toBe(1);
    expect(await t.admin.zcard(t.keys.delayed)).toBe(1);
    await rejection(driver.consume(t.queue, { worker: "w", credits: 1 }), AccessError);
  });

  it("does everything that a worker does with the worker's rights", async () => {
    const driver = worker();
    const consumer = await t.consumer(driver);
    await producer().publish([...t.batch(4), t.message("urgent", { priority: 3 })]);
    const [urgent, first, second, third, fourth] = await receive(consumer, 5);
    if (!urgent || !first || !second || !third || !fourth) throw new Error("five were received");
    expect(textOf(urgent)).toBe("urgent");
    const record = { reason: "rejected", queue: t.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
    const settled = await consumer.settle([
      { kind: "ack", delivery: urgent },
      { kind: "requeue", delivery: first },
      { kind: "retry", delivery: second, replacement: t.message("soon", { notBefore: Date.now() + 200 }) },
      { kind: "deadLetter", delivery: third, letter: { body: third.body, record } },
    ]);
    expect(settled).toEqual({ lost: [] });
    expect((await receive(consumer, 2)).map(textOf)).toEqual(["m0", "soon"]);
    await driver.close();
    expect(await t.admin.xlen(t.stream())).toBe(3);
    expect(await t.admin.xinfo("CONSUMERS", t.stream(), "chicory-workers")).toEqual([]);
  });

  it("names what a worker lacks when it begins to consume", async () => {
    await t.admin.call("ACL", "SETUSER", "worker", "-xclaim", "-xack");
    const error = await rejection(worker().consume(t.queue, { worker: "w", credits: 1 }), AccessError);
    expect(error.message).toContain("grant +xack +xclaim by ACL SETUSER");
  });

  it.each([
    ["xack", "ack"],
    ["xadd", "requeue"],
    ["zadd", "retry"],
    ["hset", "retry"],
    ["xadd", "deadLetter"],
  ] as const)("keeps a task pending when +%s is taken away before a %s", async (right, kind) => {
    const consumer = await t.consumer(worker());
    await producer().publish([t.message("kept")]);
    const [delivery] = await receive(consumer);
    if (!delivery) throw new Error("one was received");
    const record = { reason: "rejected", queue: t.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
    const settlement = {
      ack: { kind: "ack", delivery },
      requeue: { kind: "requeue", delivery },
      retry: { kind: "retry", delivery, replacement: t.message("again", { notBefore: Date.now() + 60_000 }) },
      deadLetter: { kind: "deadLetter", delivery, letter: { body: delivery.body, record } },
    }[kind] as Parameters<typeof consumer.settle>[0][number];
    await t.admin.call("ACL", "SETUSER", "worker", `-${right}`);
    const error = await rejection(consumer.settle([settlement]), SettlementError);
    expect(error.cause).toBeInstanceOf(AccessError);
    expect(await t.driver().admin.depth(t.queue)).toEqual({
      queue: t.queue,
      ready: 0,
      delayed: 0,
      inFlight: 1,
      deadLetters: 0,
    });
    await t.admin.call("ACL", "SETUSER", "worker", `+${right}`);
    expect(await ack(consumer, [delivery])).toEqual([]);
  });

  it("reports a publish that is not permitted as certainly not stored", async () => {
    const driver = t.driver({ username: "producer", password: "p", keyPrefix: "elsewhere" });
    for (const message of [t.message("no"), t.message("no", { priority: 1 })]) {
      const { outcome, cause } = await publishOutcome(driver, message);
      expect(outcome).toBe("rejected");
      expect(cause).toBeInstanceOf(AccessError);
    }
    expect(await t.admin.exists("elsewhere:stream:{work}")).toBe(0);
  });

  it("administers queues and dead letters as somebody who may not consume", async () => {
    const consumer = await t.consumer(worker());
    await producer().publish([...t.batch(3), t.message("later", { notBefore: Date.now() + 3_600_000 })]);
    const [first, second] = await receive(consumer, 2);
    if (!first || !second) throw new Error("two were received");
    const record = { reason: "rejected", queue: t.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
    await consumer.settle(
      [first, second].map((d) => ({ kind: "deadLetter", delivery: d, letter: { body: d.body, record } })),
    );
    await consumer.close();
    const driver = t.driver({ username: "admin", password: "a" });
    const { admin } = driver;
    expect(await admin.queues()).toEqual([t.queue]);
    const { letters } = await admin.browseDeadLetters(t.queue);
    const [letter] = letters;
    expect(letters).toHaveLength(2);
    await admin.replayDeadLetters(t.queue, [{ letterId: letter?.id ?? "", message: t.message("again") }]);
    expect(await admin.depth(t.queue)).toMatchObject({ ready: 2, delayed: 1, deadLetters: 1 });
    expect(await admin.removeDeadLetters(t.queue, [letters[1]?.id ?? ""])).toBe(1);
    expect(await admin.purge(t.queue)).toBe(3);
    expect(await admin.purgeDeadLetters(t.queue)).toBe(0);
    await rejection(driver.consume(t.queue, { worker: "w", credits: 1 }), AccessError);
  });

  it.each(["producer", "worker", "admin"])("lets a %s touch nothing else on the server", async (name) => {
    await t.admin.set("somebody-elses", "1");
    const client = t.admin.duplicate({ username: name, password: name.charAt(0), lazyConnect: true });
    client.on("error", () => undefined);
    for (const call of [
      ["GET", "somebody-elses"],
      ["KEYS", "*"],
      ["FLUSHALL"],
      ["CONFIG", "GET", "*"],
      ["ACL", "LIST"],
    ]) {
      await expect(client.call(...(call as [string, ...string[]]))).rejects.toThrow("NOPERM");
    }
    client.disconnect();
  });
});
