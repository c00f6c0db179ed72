import { ConnectionError, ServerError } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq, startTcpProxy, type TcpProxy } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, publishFailure, receive, receiveOne, textOf, until } from "./fixture.js";

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

describe("confirms", () => {
  it("are all heard when more is written than a socket takes at once", async () => {
    // The client forgets a confirm that comes before its own write has drained.
    const driver = fixture.driver({ commandTimeoutMs: 60_000 });
    const body = Buffer.alloc(40_000, 1);
    const big = Array.from({ length: 600 }, () => fixture.message("", { body }));
    await Promise.all([driver.publish(big), ...fixture.batch(3_000).map((message) => driver.publish([message]))]);
    expect((await driver.admin.depth(fixture.queue)).ready).toBe(3_600);
  });

  it("make a message durable", async () => {
    await fixture.driver().publish([fixture.message("kept", { id: "the-id" })]);
    const message = await (await fixture.channel()).basicGet(fixture.names.queue(fixture.queue));
    expect(message).toMatchObject({ durable: true, messageId: "the-id", contentType: "application/vnd.chicory+json" });
  });
});

describe("a message that no queue takes", () => {
  it("is certainly not stored, and the next attempt declares the queue again", async () => {
    const driver = fixture.driver();
    await driver.publish([fixture.message("before")]);
    await (await fixture.channel()).queueDelete(fixture.names.queue(fixture.queue));
    const error = await publishFailure(driver, [fixture.message("lost its queue")]);
    expect(error.outcome).toBe("rejected");
    expect(error.cause).toBeInstanceOf(ServerError);
    expect(error.cause).toMatchObject({ retryable: true });
    await driver.publish([fixture.message("after")]);
    expect(textOf(await receiveOne(await fixture.consumer(driver)))).toBe("after");
  });

  it("is noticed whatever its id is", async () => {
    const driver = fixture.driver();
    for (const id of ["€".repeat(200), "half a pair \ud800"]) {
      await driver.publish([fixture.message("before", { id })]);
      await (await fixture.channel()).queueDelete(fixture.names.queue(fixture.queue));
      expect((await publishFailure(driver, [fixture.message("lost", { id })])).outcome).toBe("rejected");
    }
  });

  it("does not take the others of its batch with it", async () => {
    const driver = fixture.driver();
    const other = fixture.message("other", { queue: "other" });
    await driver.publish([fixture.message("before"), other]);
    await (await fixture.channel()).queueDelete(fixture.names.queue(fixture.queue));
    const lost = fixture.message("lost");
    const error = await publishFailure(driver, [{ ...other, id: "second" }, lost]);
    expect(error.failures.map(({ message }) => message)).toEqual([lost]);
    expect((await driver.admin.depth("other")).ready).toBe(2);
  });
});

describe("a connection that breaks", () => {
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startTcpProxy(server);
  });
  afterEach(() => proxy.stop());

  it("leaves what was written and not confirmed unknown, and nothing hangs", async () => {
    const driver = fixture.driver({ port: proxy.port });
    await driver.publish([fixture.message("warm")]);
    proxy.blackhole("to-client");
    const publishing = publishFailure(driver, fixture.batch(50));
    // The messages arrive; what is lost is the server's answer.
    const other = fixture.driver();
    await until("the messages to arrive", async () => (await other.admin.depth(fixture.queue)).ready === 51);
    proxy.sever();
    proxy.heal();
    const error = await publishing;
    expect(error.outcome).toBe("unknown");
    expect(error.failures).toHaveLength(50);
    expect(error.cause).toBeInstanceOf(ConnectionError);
    await driver.publish([fixture.message("again")]);
  });

  it("leaves what was never written rejected", async () => {
    const driver = fixture.driver({ port: proxy.port });
    await driver.publish([fixture.message("warm")]);
    await proxy.stop();
    await until("a publish that is not written", async () => {
      const error = await publishFailure(driver, [fixture.message("x")]);
      return error.outcome === "rejected" && error.cause instanceof ConnectionError;
    });
  });
});

describe("a connection that is open and dead", () => {
  it("is replaced as soon as it opens no channel in time, long before a heartbeat is missed", async () => {
    const proxy = await startTcpProxy(server);
    try {
      const driver = fixture.driver({ port: proxy.port, commandTimeoutMs: 1_000, heartbeatMs: 600_000 });
      await driver.publish([fixture.message("warm")]);
      proxy.strand();
      await until("publishing to work again", () =>
        driver.publish([fixture.message("again")]).then(
          () => true,
          () => false,
        ),
      );
    } finally {
      await proxy.stop();
    }
  });
});

describe("a server that says nothing", () => {
  it("leaves a publish unknown when its time is over", async () => {
    const driver = fixture.driver({ commandTimeoutMs: 1_000, heartbeatMs: 10_000 });
    await driver.publish([fixture.message("warm")]);
    await server.pause();
    try {
      const error = await publishFailure(driver, [fixture.message("frozen")]);
      expect(error.outcome).toBe("unknown");
      expect(error.cause).toBeInstanceOf(ConnectionError);
    } finally {
      await server.resume();
    }
  });
});

describe("a server that is short of memory", () => {
  it("holds publishers back, says so, and lets workers go on", async () => {
    const driver = fixture.driver({ commandTimeoutMs: 1_500 });
    const consumer = await fixture.consumer(driver);
    await driver.publish(fixture.batch(20));
    await server.ctl("set_vm_memory_high_watermark", "absolute", "1");
    try {
      await until("publishers to be blocked", async () => {
        const error = await publishFailure(driver, [fixture.message("too much")]);
        // Once the server has said so, nothing is written, so nothing is unknown.
        return error.outcome === "rejected" && /short of memory or disk/.test(String(error.cause));
      });
      const held = await receive(consumer, 20);
      expect(await consumer.settle(held.map((delivery) => ({ kind: "ack", delivery })))).toEqual({ lost: [] });
      const waiting = driver.publish([fixture.message("patient")]);
      waiting.catch(() => undefined);
      await server.ctl("set_vm_memory_high_watermark", "0.9");
      await waiting.catch(() => undefined);
    } finally {
      await server.ctl("set_vm_memory_high_watermark", "0.9");
    }
    await until("publishing to work again", () =>
      driver.publish([fixture.message("again")]).then(
        () => true,
        () => false,
      ),
    );
  });
});
