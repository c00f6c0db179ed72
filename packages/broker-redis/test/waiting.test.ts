import type { BrokerDriver } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { BLOCK_MS } from "../src/consuming/idle-waiter.js";
import { ack, Fixture, receive, textOf } from "./fixture.js";

describe("the driver, while it has nothing to do", () => {
  let server: RedisServer;
  let t: Fixture;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    // With a short lease a worker looks around so often that it needs no waking.
    t = new Fixture(server, { leaseMs: 30_000 });
  });
  afterEach(async () => {
    await t.close();
  });

  /** Resolves when so many blocking reads are under way. */
  async function blocked(count: number): Promise<void> {
    await eventually(async () => Number(/blocked_clients:(\d+)/.exec(await t.admin.info("clients"))?.[1]) >= count, {
      what: `${count} blocking reads`,
    });
  }

  async function calls(command: string): Promise<number> {
    const stats = await t.admin.info("commandstats");
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }

  it("asks the server for next to nothing", async () => {
    const driver = t.driver();
    const abort = new AbortController();
    const receiving = Promise.all(
      ["a", "b", "c"].map(async (queue) => {
        const consumer = await driver.consume(queue, { worker: "idle", credits: 10 });
        return await consumer.receive(10, abort.signal);
      }),
    );
    await blocked(1);
    await t.admin.config("RESETSTAT");
    const first = await calls("evalsha");
    // One blocking read runs out, and each queue looks around once.
    await eventually(async () => (await calls("evalsha")) - first >= 3, { what: "the end of a blocking read" });
    await blocked(1);
    expect(await calls("evalsha")).toBeLessThanOrEqual(6);
    expect(await calls("xreadgroup")).toBeLessThanOrEqual(6);
    abort.abort();
    expect(await receiving).toEqual([[], [], []]);
  });

  it("waits for a queue that joins later as promptly as for the others", async () => {
    const driver = t.driver();
    const first = receive(await t.consumer(driver));
    await blocked(1);
    const later = await driver.consume("joined", { worker: "tester", credits: 1 });
    const before = await calls("client(?:\\|unblock)?");
    const joined = receive(later);
    await eventually(async () => (await calls("client(?:\\|unblock)?")) > before);
    await blocked(1);
    const started = performance.now();
    await t.driver().publish([t.message("for the later", { queue: "joined" })]);
    expect((await joined).map(textOf)).toEqual(["for the later"]);
    await t.driver().publish([t.message("for the first")]);
    expect((await first).map(textOf)).toEqual(["for the first"]);
    expect(performance.now() - started).toBeLessThan(BLOCK_MS - 500);
  });

  it("is waked by one marker for an earlier time, which nothing counts and nobody gets", async () => {
    const driver = t.driver();
    const consumer = await t.consumer(driver);
    await driver.publish([t.message("far", { notBefore: Date.now() + 3_600_000 })]);
    const receiving = receive(consumer);
    await blocked(1);
    const publisher = t.driver();
    const now = Date.now();
    await publisher.publish([
      t.message("second", { notBefore: now + 900 }),
      t.message("first", { notBefore: now + 600 }),
    ]);
    expect(await publisher.admin.depth(t.queue)).toMatchObject({ ready: 0, delayed: 3, inFlight: 0 });
    const started = performance.now();
    const deliveries = [...(await receiving), ...(await receive(consumer))];
    expect(deliveries.map(textOf)).toEqual(["first", "second"]);
    expect(performance.now() - started).toBeLessThan(BLOCK_MS - 500);
    await ack(consumer, deliveries);
    await eventually(async () => (await t.admin.xlen(t.keys.wake)) === 0, { what: "the marker to be gone" });
    expect(await t.admin.xpending(t.keys.wake, "chicory-workers")).toEqual([0, null, null, null]);
  });

  it("leaves at most one marker where nobody consumes", async () => {
    const driver = t.driver();
    for (let step = 0; step < 20; step++) {
      await driver.publish([t.message("earlier", { notBefore: Date.now() + 3_600_000 - step * 60_000 })]);
    }
    expect(await t.admin.xlen(t.keys.wake)).toBeLessThanOrEqual(1);
    expect(await driver.admin.depth(t.queue)).toEqual({
      queue: t.queue,
      ready: 0,
      delayed: 20,
      inFlight: 0,
      deadLetters: 0,
    });
  });

  it("writes no marker for a time that is not the earliest", async () => {
    const driver = t.driver();
    await driver.publish([t.message("first", { notBefore: Date.now() + 60_000 })]);
    const before = await t.admin.xinfo("STREAM", t.keys.wake);
    await driver.publish([t.message("second", { notBefore: Date.now() + 120_000 })]);
    expect(await t.admin.xinfo("STREAM", t.keys.wake)).toEqual(before);
  });

  it("lets every idle worker know of a priority that is used for the first time", async () => {
    const drivers: BrokerDriver[] = [t.driver(), t.driver(), t.driver()];
    const consumers = await Promise.all(drivers.map((driver) => t.consumer(driver)));
    const receiving = consumers.map((consumer) => receive(consumer));
    await blocked(3);
    const started = performance.now();
    const publisher = t.driver();
    for (const body of ["u1", "u2", "u3"]) await publisher.publish([t.message(body, { priority: 9 })]);
    const received = (await Promise.all(receiving)).flat();
    expect(received.map(textOf).sort()).toEqual(["u1", "u2", "u3"]);
    expect(performance.now() - started).toBeLessThan(BLOCK_MS - 500);
    expect(await t.admin.get(t.keys.priorities)).toBe("9");
  });

  it("moves what is due while every handler is busy, so that other workers get it in time", async () => {
    const busyDriver = t.driver();
    const busy = await t.consumer(busyDriver);
    const other = await t.consumer();
    const waiting = receive(busy);
    await blocked(1);
    const publisher = t.driver();
    // The only idle worker learns of the time, and then has its hands full.
    await publisher.publish([t.message("due soon", { notBefore: Date.now() + 1_000 })]);
    await eventually(async () => (await t.admin.xlen(t.keys.wake)) === 0);
    await publisher.publish([t.message("long task")]);
    expect((await waiting).map(textOf)).toEqual(["long task"]);
    const started = performance.now();
    expect((await receive(other)).map(textOf)).toEqual(["due soon"]);
    expect(performance.now() - started).toBeLessThan(BLOCK_MS - 500);
  });
});
