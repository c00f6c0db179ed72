import { ConfigError, type OutgoingMessage, PublishError, QueueFullError } from "@chicory/core";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, receive, rejection, textOf } from "./fixture.js";

describe("publishing to Redis", () => {
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

  async function stored(priority = 0): Promise<(string | undefined)[]> {
    return (await t.admin.xrange(t.stream(priority), "-", "+")).map(([, fields]) => fields[1]);
  }

  it("keeps the order of a batch that takes several calls", async () => {
    const messages = t.batch(2_750);
    await t.driver().publish(messages);
    expect(await stored()).toEqual(messages.map(({ body }) => body));
  });

  it("keeps the order of large messages, of which each takes a call of its own", async () => {
    const messages = Array.from({ length: 7 }, (_, index) => t.message(`${index}${"x".repeat(700_000)}`));
    await t.driver().publish(messages);
    expect((await stored()).map((body) => body?.[0])).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  });

  it("brings the bytes of a body over as they are, whatever they are", async () => {
    const driver = t.driver();
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const view = new Uint8Array(every.buffer, every.byteOffset + 10, 20);
    const bodies = [every, view, new Uint8Array(0), "\r\n$5\r\n", "ÿ🧡", Buffer.from("*1\r\n")];
    await driver.publish(bodies.map((body) => t.message("", { body })));
    await driver.publish([t.message("", { body: view, priority: 1 })]);
    const received = await receive(await t.consumer(driver), 7);
    expect(received.map(({ body }) => Buffer.from(body))).toEqual([view, ...bodies].map((body) => Buffer.from(body)));
  });

  it("puts the higher priorities of a batch first, and each in its order", async () => {
    const message = (body: string, priority: number) => t.message(body, { priority });
    await t.driver().publish([message("a0", 0), message("a9", 9), message("b0", 0), message("b9", 9)]);
    expect([await stored(9), await stored(0)]).toEqual([
      ["a9", "b9"],
      ["a0", "b0"],
    ]);
  });

  it("names exactly what it refused of a batch for several queues", async () => {
    const driver = t.driver({ maxLength: 2 });
    const full = t.batch(3);
    const other = t.message("elsewhere", { queue: "other" });
    const badName = t.message("nowhere", { queue: "no queue" });
    const badTime = t.message("never", { notBefore: Number.NaN });
    const error = await rejection(driver.publish([...full, badName, other, badTime]), PublishError);
    expect(error.failures.map(({ message }) => message)).toEqual([full[2], badName, badTime]);
    expect(error.failures.map(({ cause }) => cause.constructor)).toEqual([QueueFullError, ConfigError, ConfigError]);
    expect(error.outcome).toBe("rejected");
    expect(await driver.admin.depth("other")).toMatchObject({ ready: 1 });
  });

  it("keeps two delayed messages of the same id apart", async () => {
    const driver = t.driver();
    const soon: Partial<OutgoingMessage> = { id: "same", notBefore: Date.now() + 100 };
    await driver.publish([t.message("one", soon), t.message("two", soon)]);
    await t.driver().publish([t.message("three", soon)]);
    const received = (await receive(await t.consumer(driver), 3)).map(textOf);
    expect(received.sort()).toEqual(["one", "three", "two"]);
  });

  it("gives no memory away once everything is settled", async () => {
    const driver = t.driver();
    const consumer = await t.consumer(driver);
    const work = async (count: number) => {
      await driver.publish(Array.from({ length: count }, () => t.message("x".repeat(300))));
      await driver.publish(Array.from({ length: count }, () => t.message("y", { notBefore: Date.now() + 200 })));
      for (let left = 2 * count; left > 0; ) {
        const deliveries = await consumer.receive(100, new AbortController().signal);
        await consumer.settle(deliveries.map((delivery) => ({ kind: "ack", delivery })));
        left -= deliveries.length;
      }
    };
    const size = async (key: string) => Number(await t.admin.memory("USAGE", key));
    await work(10);
    const before = await size(t.stream());
    await work(5_000);
    expect(await size(t.stream())).toBeLessThanOrEqual(before + 2_000);
    expect(await t.admin.exists(t.keys.delayed, t.keys.bodies, t.keys.deadLetters)).toBe(0);
  });
});
