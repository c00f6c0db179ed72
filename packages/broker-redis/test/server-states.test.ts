import { type BrokerError, type Consumer, type Delivery, ServerError, SettlementError } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { GROUP } from "../src/keys.js";
import { ack, Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";

const never = new AbortController().signal;

describe("the driver, when the server's state changes under it", () => {
  let server: RedisServer;
  let t: Fixture;
  beforeAll(async () => {
    // Servers before 7.0 do not know the word, and protect nothing.
    const unprotected = startRedis({ config: ["enable-protected-configs yes"] });
    server = await unprotected.catch(() => startRedis({ ownServer: true }));
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    t = new Fixture(server);
  });
  afterEach(async () => {
    await t.admin.config("SET", "maxmemory", "0");
    await t.admin.config("SET", "min-replicas-to-write", "0");
    await t.admin.config("SET", "stop-writes-on-bgsave-error", "no");
    await t.admin.replicaof("NO", "ONE");
    await t.close();
  });

  /** Something to lose: a consumer that waits, and one delivery in its hands. */
  async function waiting(): Promise<{ consumer: Consumer; held: Awaited<ReturnType<typeof receive>> }> {
    const driver = t.driver();
    const consumer = await t.consumer(driver);
    await driver.publish([t.message("held")]);
    return { consumer, held: await receive(consumer) };
  }

  it.each([
    ["FLUSHALL", () => t.admin.flushall()],
    ["DEL of the stream", () => t.admin.del(t.stream())],
    ["DEL of every key of the queue", () => t.admin.del(t.stream(), t.keys.wake, t.keys.delayed, t.keys.priorities)],
  ])("goes on after %s while a receive waits", async (_, damage) => {
    const { consumer, held } = await waiting();
    const receiving = consumer.receive(1, never);
    await eventually(async () => (await t.admin.info("clients")).includes("blocked_clients:1"));
    await damage();
    await t.driver().publish([t.message("after")]);
    expect((await receiving).map(textOf)).toEqual(["after"]);
    expect(await ack(consumer, held)).toEqual(held);
    expect(await t.admin.smembers(`${t.prefix}:queues`)).toEqual([t.queue]);
  });

  it("settles once what was held when its group was destroyed", async () => {
    const { consumer, held } = await waiting();
    const other = await t.consumer();
    const receiving = [receive(consumer), receive(other)];
    await t.admin.xgroup("DESTROY", t.stream(), GROUP);
    await t.driver().publish(t.batch(2, "after"));
    const received = await Promise.race(receiving);
    await t.driver().publish(t.batch(2, "then"));
    const all = (await Promise.all(receiving)).flat();
    expect(received.length).toBe(1);
    const taken = [...held, ...all].length - (await ackAll(consumer, other, [...held, ...all]));
    expect(taken + Number(await t.admin.xlen(t.stream()))).toBe(5);
  });

  it("tells the holder that its delivery is lost when the group is gone", async () => {
    const driver = t.driver();
    const lost: string[] = [];
    const consumer = await driver.consume(t.queue, {
      worker: "tester",
      credits: 1,
      onLost: (deliveries) => lost.push(...deliveries.map(textOf)),
    });
    await driver.publish([t.message("held")]);
    await receive(consumer);
    await t.admin.flushall();
    await eventually(() => lost.length > 0, { what: "the loss to be told" });
    expect(lost).toEqual(["held"]);
  });

  it("loads its scripts again after SCRIPT FLUSH", async () => {
    const driver = t.driver();
    const consumer = await t.consumer(driver);
    for (let round = 0; round < 3; round++) {
      await t.admin.script("FLUSH");
      await driver.publish([...t.batch(2, `${round}-`), t.message("later", { notBefore: Date.now() + 3_600_000 })]);
      await t.admin.script("FLUSH");
      expect(await ack(consumer, await receive(consumer, 2))).toEqual([]);
      await t.admin.script("FLUSH");
      expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 0, inFlight: 0, delayed: round + 1 });
    }
  });

  describe("without memory", () => {
    it("refuses publishes as certainly not stored, and tells that this passes", async () => {
      const driver = t.driver();
      await driver.publish([t.message("before")]);
      await t.admin.config("SET", "maxmemory", "1");
      for (const message of [t.message("plain"), t.message("later", { notBefore: Date.now() + 60_000 })]) {
        const { outcome, cause } = await publishOutcome(driver, message);
        expect(outcome).toBe("rejected");
        expect(cause).toBeInstanceOf(ServerError);
        expect((cause as BrokerError).retryable).toBe(true);
        expect(cause?.message).toContain("has no memory left");
      }
      await t.admin.config("SET", "maxmemory", "0");
      expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 1, delayed: 0 });
    });

    it("settles in every way, moves what is due, and starts a consumer", async () => {
      const driver = t.driver();
      const consumer = await t.consumer(driver);
      await driver.publish(t.batch(4));
      const [first, second, third, fourth] = await receive(consumer, 4);
      if (!first || !second || !third || !fourth) throw new Error("four were received");
      const soon = t.message("due", { notBefore: Date.now() + 300 });
      await driver.publish([soon]);
      await t.admin.config("SET", "maxmemory", "1");
      const record = { reason: "rejected", queue: t.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
      for (const settlement of [
        { kind: "retry", delivery: second, replacement: t.message("again", { notBefore: Date.now() + 3_600_000 }) },
        { kind: "deadLetter", delivery: third, letter: { body: third.body, record } },
        { kind: "requeue", delivery: fourth },
        { kind: "ack", delivery: first },
      ] as const) {
        expect(await consumer.settle([settlement])).toEqual({ lost: [] });
      }
      const other = await t.consumer();
      expect((await receive(other, 2)).map(textOf).sort()).toEqual(["due", "m3"]);
      expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 0, delayed: 1, inFlight: 2, deadLetters: 1 });
    });

    it("replays a dead letter", async () => {
      const driver = t.driver();
      const id = await t.admin.xadd(t.keys.deadLetters, "*", "m", "dead");
      await t.admin.config("SET", "maxmemory", "1");
      const replayed = await driver.admin.replayDeadLetters(t.queue, [
        { letterId: id ?? "", message: t.message("alive again") },
      ]);
      expect(replayed).toEqual([id]);
      expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 1, deadLetters: 0 });
    });
  });

  describe.each([
    {
      state: "cannot save",
      says: "cannot save to disk",
      begin: async () => {
        await t.admin.config("SET", "stop-writes-on-bgsave-error", "yes");
        await t.admin.config("SET", "save", "3600 1");
        await t.admin.config("SET", "dir", "/proc");
        await t.admin.bgsave().catch(() => undefined);
        await eventually(async () => (await t.admin.info("persistence")).includes("rdb_last_bgsave_status:err"));
      },
      end: () => t.admin.config("SET", "stop-writes-on-bgsave-error", "no"),
    },
    {
      state: "misses its replicas",
      says: "too few replicas",
      begin: () => t.admin.config("SET", "min-replicas-to-write", "1"),
      end: () => t.admin.config("SET", "min-replicas-to-write", "0"),
    },
    {
      state: "became a replica",
      says: "read-only replica",
      begin: () => t.admin.replicaof("127.0.0.1", 1),
      end: () => t.admin.replicaof("NO", "ONE"),
    },
  ])("a server that $state", ({ says, begin, end }) => {
    it("is waited out: nothing is lost and nothing counts as settled", async () => {
      const { consumer, held } = await waiting();
      await begin();
      const settling = consumer.settle(held.map((delivery) => ({ kind: "ack", delivery })));
      const { cause } = await rejection(settling, SettlementError);
      expect(cause).toBeInstanceOf(ServerError);
      expect((cause as BrokerError).message).toContain(says);
      expect((cause as BrokerError).retryable).toBe(true);

      const publish = await publishOutcome(t.driver(), t.message("refused"));
      expect(publish.outcome).toBe("rejected");
      expect(publish.cause?.message).toContain(says);

      const failed = await rejection(consumer.receive(1, never), ServerError);
      expect(failed.retryable).toBe(true);

      await end();
      expect(await ack(consumer, held)).toEqual([]);
      await eventually(async () => (await publishOutcome(t.driver(), t.message("after"))).outcome === "stored");
      expect((await receive(consumer)).map(textOf)).toEqual(["after"]);
    });
  });

  it("reports a script that blocks the server as something that passes", async () => {
    const { consumer, held } = await waiting();
    await t.admin.config("SET", "lua-time-limit", "50");
    const endless = new Fixture(server);
    const running = endless.admin.eval("while true do end", 0).catch(() => undefined);
    try {
      await eventually(async () => {
        const failed = await publishOutcome(t.driver(), t.message("no"));
        return failed.cause?.message.includes("is busy running a script");
      });
      const settling = consumer.settle(held.map((delivery) => ({ kind: "ack", delivery })));
      expect((await rejection(settling, SettlementError)).cause).toMatchObject({ retryable: true });
    } finally {
      await t.admin.script("KILL");
      await running;
      await endless.close();
    }
    expect(await ack(consumer, held)).toEqual([]);
  });

  it("refuses to work on keys that hold something else, and names what to do", async () => {
    await t.admin.set(t.stream(), "not a queue");
    const driver = t.driver();
    const { outcome, cause } = await publishOutcome(driver, t.message("no"));
    expect(outcome).toBe("rejected");
    expect(cause?.message).toMatch(/key of another type.*keyPrefix/);
    expect((await rejection(driver.consume(t.queue, { worker: "w", credits: 1 }), ServerError)).retryable).toBe(false);
    expect(await t.admin.get(t.stream())).toBe("not a queue");
  });

  it("keeps a task pending whose place among the dead letters is taken by another key", async () => {
    const { consumer, held } = await waiting();
    await t.admin.set(t.keys.deadLetters, "not a stream");
    const [delivery] = held;
    if (!delivery) throw new Error("one was received");
    const record = { reason: "rejected", queue: t.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
    const letter = { body: delivery.body, record };
    const error = await rejection(consumer.settle([{ kind: "deadLetter", delivery, letter }]), SettlementError);
    expect(error.failed).toHaveLength(1);
    expect(
      await t
        .driver()
        .admin.depth(t.queue)
        .catch(() => undefined),
    ).toBeUndefined();
    await t.admin.del(t.keys.deadLetters);
    expect(await consumer.settle([{ kind: "deadLetter", delivery, letter }])).toEqual({ lost: [] });
    expect(await t.driver().admin.depth(t.queue)).toMatchObject({ inFlight: 0, deadLetters: 1 });
  });
});

/** Acks through both consumers, each what it holds, and returns how many were lost. */
async function ackAll(one: Consumer, other: Consumer, deliveries: readonly Delivery[]): Promise<number> {
  const first = await ack(one, deliveries);
  return (await ack(other, first)).length;
}
