import { type BrokerDriver, type BrokerError, ConnectionError, DeliveryMode, SettlementError } from "@chicory/core";
import { eventually, type RedisServer, startRedis, startTcpProxy, type TcpProxy } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ack, Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";

/** Time limit of commands in these tests. */
const COMMAND_MS = 700;

describe("the driver, when its connection fails", () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let t: Fixture;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    proxy = await startTcpProxy(server);
    t = new Fixture(server);
  });
  afterEach(async () => {
    await server.resume().catch(() => undefined);
    proxy.heal();
    await t.close();
    await proxy.stop();
  });

  const proxied = (): BrokerDriver =>
    t.driver({ host: proxy.host, port: proxy.port, commandTimeoutMs: COMMAND_MS, leaseMs: 30_000 });

  it("reports a publish whose answer was lost as unknown, and one that was never written as rejected", async () => {
    const driver = proxied();
    await driver.connect();
    proxy.blackhole("to-client");
    const first = publishOutcome(driver, t.message("arrived"));
    await eventually(async () => (await t.admin.xlen(t.stream())) === 1);
    await proxy.stop();
    const unknown = await first;
    expect(unknown.outcome).toBe("unknown");
    expect(unknown.cause).toBeInstanceOf(ConnectionError);
    const rejected = await publishOutcome(driver, t.message("never left"));
    expect(rejected.outcome).toBe("rejected");
    expect((rejected.cause as BrokerError).retryable).toBe(true);
    expect(await t.admin.xlen(t.stream())).toBe(1);
  });

  it("stores a message once whose publish is repeated after an unknown outcome", async () => {
    const driver = proxied();
    // Also makes the script known to the server: a first call would wait for the answer that it is not.
    await driver.publish([t.message("before", { dedupeMs: 60_000 })]);
    proxy.blackhole("to-client");
    const message = t.message("once", { dedupeMs: 60_000 });
    const first = publishOutcome(driver, message);
    await eventually(async () => (await t.admin.xlen(t.stream())) === 2);
    proxy.sever();
    expect((await first).outcome).toBe("unknown");
    proxy.heal();
    await eventually(async () => (await publishOutcome(driver, message)).outcome === "stored");
    expect(await t.admin.xlen(t.stream())).toBe(2);
  });

  it("hands out what the server sent into a connection that broke, as never handed out before", async () => {
    const driver = proxied();
    const consumer = await t.consumer(driver);
    await t.driver().publish([t.message("before")]);
    await ack(consumer, await receive(consumer));
    await t.driver().publish(t.batch(3));
    proxy.blackhole("to-client");
    const receiving = receive(consumer, 3);
    receiving.catch(() => undefined);
    await eventually(async () => (await t.driver().admin.depth(t.queue)).inFlight === 3, { what: "lost hand-outs" });
    proxy.sever();
    proxy.heal();
    const deliveries = await receiving;
    expect(deliveries.map(textOf).sort()).toEqual(["m0", "m1", "m2"]);
    expect(deliveries.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 1]);
    expect(await ack(consumer, deliveries)).toEqual([]);
  });

  it("hands out what a waiting receive was sent when its connection broke", async () => {
    const driver = proxied();
    const consumer = await t.consumer(driver);
    const receiving = receive(consumer);
    await eventually(async () => String(await t.admin.client("LIST")).includes("cmd=xreadgroup"));
    proxy.blackhole("to-client");
    await t.driver().publish([t.message("into the void")]);
    await eventually(async () => (await t.driver().admin.depth(t.queue)).inFlight === 1);
    proxy.sever();
    proxy.heal();
    const [delivery] = await receiving;
    expect(delivery && textOf(delivery)).toBe("into the void");
    expect(delivery?.redelivered).toBe(false);
  });

  it("tells that an ack whose answer was lost is in doubt, and that it took when it is repeated", async () => {
    const driver = proxied();
    const consumer = await t.consumer(driver);
    await t.driver().publish([t.message("once", { mode: DeliveryMode.AT_MOST_ONCE })]);
    const held = await receive(consumer);
    proxy.blackhole("to-client");
    const settling = rejection(consumer.settle(held.map((delivery) => ({ kind: "ack", delivery }))), SettlementError);
    await eventually(async () => (await t.admin.xlen(t.stream())) === 0);
    proxy.sever();
    expect((await settling).failed.map(({ delivery }) => delivery)).toEqual(held);
    proxy.heal();
    // It certainly took once, and nobody can tell that it was this one: a task at most once is not run.
    expect(await ack(consumer, held)).toEqual(held);
  });

  it("ends every wait when the server hangs, and goes on when it is back", async () => {
    const driver = t.driver({ commandTimeoutMs: COMMAND_MS, leaseMs: 30_000 });
    const consumer = await t.consumer(driver);
    await driver.publish([t.message("held")]);
    const held = await receive(consumer);
    const waiting = new AbortController();
    const receiving = rejection(consumer.receive(1, waiting.signal), ConnectionError);
    receiving.catch(() => undefined);
    await server.pause();
    expect((await publishOutcome(driver, t.message("hung"))).outcome).toBe("unknown");
    const settling = consumer.settle(held.map((delivery) => ({ kind: "ack", delivery })));
    expect((await rejection(settling, SettlementError)).cause).toBeInstanceOf(ConnectionError);
    expect((await publishOutcome(driver, t.message("never left"))).outcome).toBe("rejected");
    await receiving;
    await server.resume();
    expect((await ack(consumer, held)).length).toBeLessThanOrEqual(1);
    await eventually(async () => (await publishOutcome(driver, t.message("after"))).outcome === "stored");
    await eventually(async () => {
      const [delivery] = await receive(consumer);
      return delivery !== undefined && textOf(delivery) === "after";
    });
  });

  it("notices a connection that is open and dead while a receive waits", async () => {
    const driver = proxied();
    const consumer = await t.consumer(driver);
    const receiving = receive(consumer);
    await eventually(async () => String(await t.admin.client("LIST")).includes("cmd=xreadgroup"));
    const before = consumer.lastAnsweredAt;
    proxy.blackhole();
    await eventually(() => proxy.connections === 0 || proxy.connections > 2, { what: "the driver to try anew" });
    expect(consumer.lastAnsweredAt).toBe(before);
    proxy.heal();
    await t.driver().publish([t.message("at last")]);
    expect((await receiving).map(textOf)).toEqual(["at last"]);
  });

  it("closes in time when the server is gone, and leaves what it held to others", async () => {
    const driver = proxied();
    const consumer = await t.consumer(driver);
    await t.driver().publish(t.batch(3));
    await receive(consumer, 3);
    proxy.blackhole();
    await driver.close();
    proxy.sever();
    expect((await t.driver().admin.depth(t.queue)).inFlight).toBe(3);
    const others = await receive(await t.consumer(), 3);
    expect(others.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2, 2]);
  });

  it("uses two connections, whatever the number of queues", async () => {
    const driver = proxied();
    const queues = Array.from({ length: 20 }, (_, index) => `queue-${index}`);
    const consumers = await Promise.all(queues.map((queue) => driver.consume(queue, { worker: "many", credits: 1 })));
    const receiving = consumers.map((consumer) => receive(consumer));
    await driver.publish(queues.map((queue) => t.message(queue, { queue })));
    const received = await Promise.all(receiving);
    expect(received.map(([delivery]) => delivery && textOf(delivery))).toEqual(queues);
    expect(proxy.connections).toBe(2);
  });

  it("hands out nothing that was taken over while the answer that brings it was on its way", async () => {
    const late = t.driver({ host: proxy.host, port: proxy.port, commandTimeoutMs: 20_000 });
    const consumer = await t.consumer(late);
    const receiving = receive(consumer);
    await eventually(async () => /blocked_clients:1/.test(await t.admin.info("clients")));
    proxy.blackhole("to-client");
    const driver = t.driver();
    await driver.publish([t.message("taken over")]);
    await eventually(async () => (await driver.admin.depth(t.queue)).inFlight === 1);
    const other = await t.consumer(driver);
    const taken = await receive(other);
    expect(taken.map(textOf)).toEqual(["taken over"]);
    await driver.publish([t.message("later")]);
    proxy.heal();
    expect((await receiving).map(textOf)).toEqual(["later"]);
    expect(await ack(other, taken)).toEqual([]);
  });

  it("reads an answer that came while the event loop was blocked, instead of giving it up as late", async () => {
    const driver = t.driver({ commandTimeoutMs: COMMAND_MS });
    await driver.connect();
    // Also makes the script known to the server: a first call would wait for the answer that it is not.
    await driver.publish([t.message("before")]);
    const ids = async () => String(await t.admin.client("LIST")).match(/id=\d+(?=.*name=chicory:commands)/g);
    const connected = await ids();
    // The answer comes in the middle of the block.
    await t.admin.client("PAUSE", COMMAND_MS / 2, "WRITE");
    const publishing = publishOutcome(driver, t.message("stored"));
    // By then the command is written.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * COMMAND_MS);
    expect(await publishing).toEqual({ outcome: "stored" });
    await driver.publish([t.message("after")]);
    expect(await ids()).toEqual(connected);
  });
});
