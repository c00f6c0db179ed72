import { ClosedError, ConnectionError, type OutgoingMessage, PublishError, SettlementError } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { MemoryServer, memory, VirtualClock } from "../src/index.js";

const LEASE_MS = 1_000;

const message = (fields: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: "1",
  queue: "q",
  body: "hello",
  mode: "at-least-once",
  priority: 0,
  ...fields,
});

const options = { worker: "w", credits: 10 };
const never = new AbortController().signal;

function fixture() {
  const clock = new VirtualClock();
  const server = new MemoryServer({ clock });
  const driver = () => memory({ server, leaseMs: LEASE_MS });
  return { clock, server, driver };
}

/** Timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

describe("an isolated driver", () => {
  it("fails with errors that pass, and goes on when it is healed", async () => {
    const { driver } = fixture();
    const isolated = driver();
    const consumer = await isolated.consume("q", options);
    await isolated.publish([message()]);
    const [delivery] = await consumer.receive(1, never);
    const waiting = consumer.receive(1, never);
    const heal = isolated.isolate();

    await expect(waiting).rejects.toThrow(ConnectionError);
    await expect(isolated.connect()).rejects.toThrow(ConnectionError);
    const publish = isolated.publish([message()]);
    await expect(publish).rejects.toThrow(PublishError);
    await expect(publish).rejects.toMatchObject({ outcome: "rejected" });
    await expect(consumer.settle([{ kind: "ack", delivery: delivery! }])).rejects.toThrow(SettlementError);

    heal();
    expect(await consumer.settle([{ kind: "ack", delivery: delivery! }])).toEqual({ lost: [] });
  });

  it("leaves the other drivers alone", async () => {
    const { driver } = fixture();
    const [isolated, other] = [driver(), driver()];
    isolated.isolate();
    await other.publish([message()]);
    expect((await other.admin.depth("q")).ready).toBe(1);
  });
});

describe("a driver whose process crashed", () => {
  it("does nothing any more", async () => {
    const { clock, driver } = fixture();
    const crashed = driver();
    const lost: unknown[] = [];
    const consumer = await crashed.consume("q", { ...options, onLost: (deliveries) => lost.push(...deliveries) });
    await crashed.publish([message()]);
    await consumer.receive(1, never);
    crashed.crash();
    await expect(crashed.publish([message()])).rejects.toThrow(ClosedError);
    await clock.advance(10 * LEASE_MS);
    expect(lost).toEqual([]);
  });

  it("still owns what it held until its lease ends", async () => {
    const { clock, driver } = fixture();
    const [crashed, survivor] = [driver(), driver()];
    await survivor.publish([message()]);
    await (await crashed.consume("q", options)).receive(1, never);
    crashed.crash();
    await clock.advance(LEASE_MS - 1);
    expect(await survivor.admin.depth("q")).toMatchObject({ ready: 0, inFlight: 1 });
    await clock.advance(1);
    expect(await survivor.admin.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
  });
});

describe("a stopped server", () => {
  it("refuses every call until it is started, and keeps what it had", async () => {
    const { server, driver } = fixture();
    const client = driver();
    await client.publish([message()]);
    server.stop();
    await expect(client.admin.depth("q")).rejects.toThrow(ConnectionError);
    await expect(client.publish([message()])).rejects.toMatchObject({ outcome: "rejected" });
    server.start();
    expect((await client.admin.depth("q")).ready).toBe(1);
  });
});

describe("cut connections", () => {
  it("leave it to chance whether a publish under way was stored, and say so", async () => {
    const server = new MemoryServer({ clock: new VirtualClock(), seed: 5 });
    const driver = memory({ server });
    let confirmed = 0;
    for (let round = 0; round < 40; round += 1) {
      const publish = driver.publish([message()]);
      server.sever();
      await publish.then(
        () => {
          confirmed += 1;
        },
        (error: unknown) => expect(error).toMatchObject({ outcome: "unknown" }),
      );
    }
    const { ready } = await driver.admin.depth("q");
    expect(confirmed).toBe(0);
    expect(ready).toBeGreaterThan(5);
    expect(ready).toBeLessThan(35);
  });
});

describe("on the time of the machine", () => {
  it("a process that computes longer than the lease does not lose its deliveries", async () => {
    const server = new MemoryServer();
    const driver = memory({ server, leaseMs: 50 });
    const lost: unknown[] = [];
    const consumer = await driver.consume("q", { ...options, onLost: (deliveries) => lost.push(...deliveries) });
    const other = await memory({ server, leaseMs: 50 }).consume("q", options);
    await driver.publish([message()]);
    const [delivery] = await consumer.receive(1, never);
    const abort = new AbortController();
    const waiting = other.receive(1, abort.signal);

    const end = performance.now() + 200;
    while (performance.now() < end) Math.sqrt(2);
    // The timers of the renewal and of the end of the lease, which fell due meanwhile, come in this order.
    const computed = Date.now();
    while (consumer.lastAnsweredAt < computed) await new Promise((resolve) => setTimeout(resolve, 1));
    abort.abort();

    expect(await waiting).toEqual([]);
    expect(lost).toEqual([]);
    expect(await consumer.settle([{ kind: "ack", delivery: delivery! }])).toEqual({ lost: [] });
  });

  it("nothing keeps the process alive but a receive that waits", async () => {
    const before = timers();
    const driver = memory();
    const consumer = await driver.consume("q", options);
    await driver.publish([message(), message({ notBefore: Date.now() + 3_600_000 })]);
    await consumer.receive(1, never);
    expect(timers()).toBe(before);

    const abort = new AbortController();
    const waiting = consumer.receive(1, abort.signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers()).toBe(before + 1);
    abort.abort();
    await waiting;
    expect(timers()).toBe(before);
    await driver.close();
  });
});
