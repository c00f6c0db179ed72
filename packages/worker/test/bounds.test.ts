import { MemoryServer, memory, VirtualClock } from "@chicory/broker-memory";
import { Chicory, DeliveryMode } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Worker } from "../src/index.js";
import { deferred } from "./deferred.js";
import { FaultyDriver } from "./faulty-driver.js";

const TASKS = 120;

describe("what a worker holds", () => {
  it("is bounded by its concurrency, and all of it comes to its end, in any order of answers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(1_000_000),
          concurrency: fc.integer({ min: 1, max: 20 }),
          lookAhead: fc.boolean(),
          turns: fc.nat(4),
        }),
        async ({ seed, concurrency, lookAhead, turns }) => {
          const clock = new VirtualClock();
          const server = new MemoryServer({ clock, seed });
          const app = new Chicory({ broker: memory({ server }) });
          const runs = new Map<string, number>();
          let running = 0;
          let most = 0;
          const work = async (_: undefined, { id }: { id: string }) => {
            runs.set(id, (runs.get(id) ?? 0) + 1);
            running += 1;
            most = Math.max(most, running);
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
            running -= 1;
          };
          const plain = app.task("plain", { queue: "q" }, work);
          const once = app.task("once", { queue: "q", deliveryMode: DeliveryMode.AT_MOST_ONCE }, work);
          const bad = app.task(
            "bad",
            { queue: "q", retry: { maxRetries: 1, delayMs: 0 } },
            async (input: undefined, context) => {
              await work(input, context);
              throw new Error("bad");
            },
          );
          for (const task of [plain, once, bad]) await task.sendMany(Array(TASKS / 3).fill(undefined));
          const worker = new Worker(app, { concurrency, lookAhead });
          let held = 0;
          worker.on("started", () => {
            const { running: slots, waiting } = worker.stats();
            held = Math.max(held, slots + waiting);
          });
          await worker.start();
          await eventually(async () => {
            const { ready, delayed, inFlight } = await app.broker.depth("q");
            return ready + (delayed ?? 0) + (inFlight ?? 0) === 0;
          });
          await eventually(() => worker.stats().settling === 0);
          const { succeeded, retried, deadLettered, failed, lost } = worker.stats();
          expect({ succeeded, retried, deadLettered, failed, lost }).toEqual({
            succeeded: (TASKS / 3) * 2,
            retried: TASKS / 3,
            deadLettered: TASKS / 3,
            failed: 0,
            lost: 0,
          });
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(held).toBeLessThanOrEqual(lookAhead ? concurrency * 2 : concurrency);
          expect([...runs.values()].reduce((sum, count) => sum + count, 0)).toBe((TASKS / 3) * 4);
          await worker.stop();
          await app.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is more than its slots while tasks end sooner than a fetch comes back", async () => {
    const driver = new FaultyDriver(memory({ clock: new VirtualClock() }));
    const app = new Chicory({ broker: driver });
    const task = app.task("t", { queue: "q" }, () => undefined);
    await task.sendMany(Array(400).fill(undefined));
    const worker = new Worker(app, { concurrency: 8 });
    let asked = 0;
    let most = 0;
    driver.faults.receive = async (max, _signal, pass) => {
      asked += max;
      most = Math.max(most, asked + worker.stats().running + worker.stats().waiting);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      return pass().finally(() => {
        asked -= max;
      });
    };
    await worker.start();
    await eventually(() => worker.stats().succeeded === 400);
    expect(most).toBe(16);
    await worker.stop();
    await app.close();
  });

  it("is no more than its slots while tasks are slow, so that others get the rest", async () => {
    const app = new Chicory({ broker: memory({ clock: new VirtualClock() }) });
    const gate = deferred();
    const task = app.task("t", { queue: "q" }, () => gate.promise);
    await task.sendMany(Array(50).fill(undefined));
    const worker = new Worker(app, { concurrency: 8 });
    await worker.start();
    await eventually(() => worker.stats().running === 8);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await app.broker.depth("q")).toMatchObject({ ready: 42, inFlight: 8 });
    gate.resolve();
    await worker.stop();
    await app.close();
  });
});

describe("a worker's consumer", () => {
  it("is told how long a task may take", async () => {
    const driver = new FaultyDriver(memory({ server: new MemoryServer() }));
    const app = new Chicory({ broker: driver });
    app.task("short", { queue: "q", timeoutMs: 1_000 }, () => undefined);
    app.task("long", { queue: "elsewhere", timeoutMs: 60_000 }, () => undefined);
    const worker = new Worker(app, { queues: ["q"], timeoutGraceMs: 500 });
    await worker.start();
    expect(driver.consumers.map(({ options }) => options.longestTaskMs)).toEqual([60_500]);
    await worker.stop();
    await app.close();
  });
});
