import { currentTask, type Middleware, type TaskContext } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { deferred } from "../test/deferred.js";
import { WorkerFixture } from "../test/worker-fixture.js";

let fixture: WorkerFixture;

beforeEach(() => {
  fixture = new WorkerFixture();
});

afterEach(() => fixture.close());

describe("a worker", () => {
  it("runs what was sent before and after it started, and leaves nothing behind", async () => {
    const seen: number[] = [];
    const add = fixture.app.task("add", { queue: "q" }, async (n: number) => void seen.push(n));
    await add.sendMany([1, 2, 3]);
    await fixture.started();
    await add.send(4);
    await eventually(() => seen.length === 4);
    expect(seen).toEqual([1, 2, 3, 4]);
    await fixture.drained("q");
  });

  it("consumes the queues that it is told, each up to its own limit", async () => {
    const gate = deferred();
    const running: Record<string, number> = { high: 0, low: 0, other: 0 };
    const task = fixture.app.task("t", { queue: "high" }, async (_: undefined, context) => {
      running[context.queue] = (running[context.queue] ?? 0) + 1;
      await gate.promise;
    });
    for (const queue of ["high", "low", "other"]) await task.sendMany(Array(10).fill(undefined), { queue });
    const { worker } = await fixture.started({ queues: ["high=4", "low"], concurrency: 2 });
    await eventually(() => worker.stats().running === 6);
    expect(running).toEqual({ high: 4, low: 2, other: 0 });
    gate.resolve();
    await fixture.drained("high");
    await fixture.drained("low");
    expect(running).toEqual({ high: 10, low: 10, other: 0 });
  });

  it("gives the handler its context, also as currentTask() at any depth", async () => {
    const seen: (TaskContext | undefined)[] = [];
    const task = fixture.app.task("t", { queue: "q" }, async (_: undefined, context) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(context, currentTask());
    });
    const { id } = await task.send(undefined, { headers: { trace: "x" } });
    await fixture.started();
    await eventually(() => seen.length === 2);
    expect(seen[0]).toMatchObject({ id, name: "t", queue: "q", attempt: 1, maxRetries: 3, headers: { trace: "x" } });
    expect(seen[1]).toBe(seen[0]);
  });

  it("calls the app's middleware around its own", async () => {
    const calls: string[] = [];
    const tracing = (name: string): Middleware => ({
      before: () => void calls.push(`${name} before`),
      after: (_, { ok }) => void calls.push(`${name} after ${ok}`),
    });
    fixture.app.use(tracing("app"));
    const task = fixture.app.task("t", { queue: "q" }, () => void calls.push("handler"));
    await task.send();
    await fixture.started({ middleware: [tracing("worker")] });
    await eventually(() => calls.length === 5);
    expect(calls).toEqual(["app before", "worker before", "handler", "worker after true", "app after true"]);
  });

  it("tells what happens to a task, the end once it is settled", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    const { id } = await task.send();
    const depths: Promise<number | undefined>[] = [];
    const { worker, told } = fixture.worker();
    worker.on("succeeded", () => void depths.push(fixture.app.broker.depth("q").then(({ inFlight }) => inFlight)));
    await worker.start();
    await eventually(() => told.some(({ event }) => event === "idle"));
    expect(told).toEqual([
      { event: "ready", payload: { queues: ["q"] } },
      { event: "started", payload: { queue: "q", id, name: "t", attempt: 1 } },
      {
        event: "succeeded",
        payload: { queue: "q", id, name: "t", attempt: 1, durationMs: expect.any(Number) },
      },
      { event: "idle", payload: {} },
    ]);
    await expect(Promise.all(depths)).resolves.toEqual([0]);
  });

  it("is not harmed by a listener that throws", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker } = fixture.worker();
    worker.on("started", () => {
      throw new Error("metrics are down");
    });
    worker.on("succeeded", () => {
      throw new Error("metrics are down");
    });
    await worker.start();
    await task.sendMany([undefined, undefined]);
    await eventually(() => worker.stats().succeeded === 2);
    await fixture.drained("q");
  });

  it("counts per queue and in sum", async () => {
    const gate = deferred();
    const ok = fixture.app.task("ok", { queue: "a" }, () => undefined);
    const slow = fixture.app.task("slow", { queue: "b" }, () => gate.promise);
    const { worker } = await fixture.started({ concurrency: 2 });
    await ok.sendMany([undefined, undefined, undefined]);
    await slow.sendMany([undefined, undefined, undefined]);
    await eventually(() => worker.stats().succeeded === 3 && worker.stats().running === 2);
    expect(worker.stats()).toMatchObject({
      state: "running",
      started: 5,
      succeeded: 3,
      running: 2,
      zombies: 0,
      settling: 0,
      queues: [
        { queue: "a", concurrency: 2, started: 3, succeeded: 3, running: 0 },
        { queue: "b", concurrency: 2, started: 2, succeeded: 0, running: 2 },
      ],
    });
    gate.resolve();
    await eventually(() => worker.stats().succeeded === 6);
  });

  it("has the health of its queues", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker } = fixture.worker();
    expect(worker.health()).toMatchObject({ ok: false, state: "new" });
    await worker.start();
    expect(worker.health()).toEqual({
      ok: true,
      state: "running",
      queues: [{ queue: "q", ok: true, lastAnsweredAt: fixture.clock.now(), failingMs: 0 }],
    });
    await worker.stop();
    expect(worker.health()).toMatchObject({ ok: false, state: "stopped" });
  });

  it("runs handlers that compute for long with turns for the rest of the process in between", async () => {
    let turns = 0;
    const task = fixture.app.task("t", { queue: "q" }, () => {
      const end = performance.now() + 15;
      while (performance.now() < end);
      return turns;
    });
    await task.sendMany(Array(8).fill(undefined));
    const { worker, count } = fixture.worker({ concurrency: 8 });
    const turn = () => {
      turns += 1;
      if (count("succeeded") < 8) setImmediate(turn);
    };
    setImmediate(turn);
    const seen = new Set<number>();
    worker.on("started", () => void seen.add(turns));
    await worker.start();
    await eventually(() => count("succeeded") === 8);
    expect(seen.size).toBeGreaterThan(2);
  });
});
