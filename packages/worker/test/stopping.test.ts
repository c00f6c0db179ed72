import { ShutdownError, WorkerError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { deferred, settled } from "./deferred.js";
import { WorkerFixture } from "./worker-fixture.js";

let fixture: WorkerFixture;

beforeEach(() => {
  fixture = new WorkerFixture();
});

afterEach(() => fixture.close());

describe("stopping a worker", () => {
  it("lets running tasks end, and fetches nothing more", async () => {
    const gate = deferred();
    const task = fixture.app.task("t", { queue: "q" }, () => gate.promise);
    await task.send();
    const { worker, count, told } = await fixture.started();
    await eventually(() => count("started") === 1);
    const stopped = worker.stop();
    await task.send();
    await settled();
    expect(worker.stats()).toMatchObject({ state: "stopping", running: 1 });
    gate.resolve();
    await stopped;
    expect(worker.stats()).toMatchObject({ state: "stopped", started: 1, succeeded: 1, running: 0, settling: 0 });
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
    expect(told.map(({ event }) => event)).toEqual(["ready", "started", "stopping", "succeeded", "idle", "stopped"]);
  });

  it("gives back at once what never started, while tasks still run", async () => {
    const gate = deferred();
    const started: string[] = [];
    const task = fixture.app.task("t", { queue: "q" }, async (_: undefined, { id }) => {
      started.push(id);
      await gate.promise;
    });
    await task.sendMany(Array(8).fill(undefined));
    const { worker, count } = await fixture.started({ concurrency: 4 });
    await eventually(() => count("started") === 4);
    const stopped = worker.stop();
    const other = await fixture.started({ concurrency: 4 });
    await eventually(() => other.count("started") === 4);
    expect(worker.stats().state).toBe("stopping");
    gate.resolve();
    await stopped;
    await fixture.drained("q");
    expect(new Set(started).size).toBe(8);
  });

  it("tells which tasks it gives back that never started", async () => {
    const gate = deferred();
    const task = fixture.app.task("t", { queue: "q" }, () => gate.promise);
    await task.send();
    const { id } = await task.send();
    await fixture.put("q", "no envelope");
    // More than there are slots, as a worker has it that fetches ahead.
    fixture.driver.faults.receive = async (_max, _signal, pass) => [
      ...(await pass()),
      ...(await pass()),
      ...(await pass()),
    ];
    const { worker, told, count } = await fixture.started({ concurrency: 1 });
    await eventually(() => count("started") === 1);
    const stopped = worker.stop();
    await eventually(() => count("requeued") === 2);
    gate.resolve();
    await stopped;
    expect(told.flatMap(({ event, payload }) => (event === "requeued" ? [payload] : []))).toEqual([
      { queue: "q", deliveryId: expect.any(String), id, name: "t", attempt: 1 },
      { queue: "q", deliveryId: expect.any(String) },
    ]);
  });

  it("gives back what arrives while it stops", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    const arriving = deferred();
    fixture.driver.faults.receive = async (_max, _signal, pass) => {
      const deliveries = await pass();
      await arriving.promise;
      return deliveries;
    };
    const { worker, count } = await fixture.started();
    await task.send();
    await eventually(async () => (await fixture.app.broker.depth("q")).inFlight === 1);
    const stopped = worker.stop();
    arriving.resolve();
    await stopped;
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
    expect(count("started")).toBe(0);
  });

  it("aborts signals after its timeout, and gives back what fails because of that, without counting an attempt", async () => {
    const attempts: number[] = [];
    const reasons: unknown[] = [];
    const task = fixture.app.task(
      "t",
      { queue: "q", retry: { maxRetries: 0 } },
      (_: undefined, { signal, attempt }) => {
        attempts.push(attempt);
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(signal.reason);
          }),
        );
      },
    );
    await task.send();
    const first = await fixture.started({ shutdownTimeoutMs: 5 });
    await eventually(() => attempts.length === 1);
    await first.worker.stop();
    expect(reasons[0]).toBeInstanceOf(ShutdownError);
    expect(first.count("requeued")).toBe(1);
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0, deadLetters: 0 });
    await fixture.started();
    await eventually(() => attempts.length === 2);
    expect(attempts).toEqual([1, 1]);
  });

  it("settles what a task returns after its signal aborted", async () => {
    const task = fixture.app.task(
      "t",
      { queue: "q" },
      (_: undefined, { signal }) =>
        new Promise<void>((resolve) => signal.addEventListener("abort", () => setImmediate(resolve))),
    );
    await task.send();
    const { worker, count } = await fixture.started({ shutdownTimeoutMs: 5 });
    await eventually(() => count("started") === 1);
    await worker.stop();
    expect(worker.stats().succeeded).toBe(1);
    await fixture.drained("q");
  });

  it("gives back what ignores its signal, and does not wait for it", async () => {
    const gate = deferred();
    const task = fixture.app.task("t", { queue: "q" }, () => gate.promise);
    await task.send();
    const { worker, count } = await fixture.started();
    await eventually(() => count("started") === 1);
    await worker.stop({ timeoutMs: 0 });
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
    expect(worker.stats()).toMatchObject({ state: "stopped", requeued: 1, succeeded: 0 });
    gate.resolve();
    await settled();
    expect(worker.stats()).toMatchObject({ succeeded: 0, running: 0 });
  });

  it("does not even wait for a task to clean up if it is to stop now", async () => {
    const task = fixture.app.task("t", { queue: "q" }, async (_: undefined, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    });
    await task.sendMany([undefined, undefined]);
    const patient = await fixture.started({ concurrency: 1, shutdownTimeoutMs: 5 });
    await eventually(() => patient.count("started") === 1);
    await patient.worker.stop();
    expect(patient.worker.stats()).toMatchObject({ succeeded: 1, requeued: 0 });
    const hurried = await fixture.started({ concurrency: 1 });
    await eventually(() => hurried.count("started") === 1);
    await hurried.worker.stop({ timeoutMs: 0 });
    expect(hurried.worker.stats()).toMatchObject({ succeeded: 0, requeued: 1 });
  });

  it("can be hastened by a second call", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => new Promise(() => undefined));
    await task.send();
    const { worker, count } = await fixture.started({ shutdownTimeoutMs: 3_600_000 });
    await eventually(() => count("started") === 1);
    const first = worker.stop();
    const second = worker.stop({ timeoutMs: 0 });
    expect(second).toBe(first);
    await first;
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
  });

  it("writes the last settlements, trying again what does not take", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    await task.sendMany(Array(5).fill(undefined));
    let calls = 0;
    const blocked = deferred();
    fixture.driver.faults.settle = async (_, pass) => {
      calls += 1;
      await blocked.promise;
      if (calls < 4) throw new Error("no answer");
      return pass();
    };
    const { worker, count } = await fixture.started();
    await eventually(() => count("started") === 5);
    const stopped = worker.stop();
    blocked.resolve();
    await stopped;
    expect(worker.stats()).toMatchObject({ succeeded: 5, lost: 0 });
    await fixture.drained("q");
  });

  it("ends within a bounded time though the broker takes nothing", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    await task.send();
    fixture.driver.faults.settle = () => new Promise(() => undefined);
    const { worker, count } = await fixture.started();
    await eventually(() => count("started") === 1);
    await worker.stop();
    expect(worker.stats()).toMatchObject({ state: "stopped", lost: 1, settling: 0 });
  });

  it("does not wait for zombies", async () => {
    const task = fixture.app.task(
      "t",
      { queue: "q", timeoutMs: 5, retry: { maxRetries: 0 } },
      () => new Promise(() => undefined),
    );
    await task.send();
    const { worker } = await fixture.started({ timeoutGraceMs: 5, shutdownTimeoutMs: 3_600_000 });
    await fixture.deadLetters("q");
    await worker.stop();
    expect(worker.stats()).toMatchObject({ state: "stopped", zombies: 1 });
  });

  it("refuses a timeout that is none", async () => {
    fixture.app.task("t", () => undefined);
    const { worker } = fixture.worker();
    await expect(worker.stop({ timeoutMs: Number.NaN })).rejects.toThrow("timeoutMs");
    expect(worker.stats().state).toBe("new");
  });
});

describe("a worker's life", () => {
  it("is started and stopped once, however often that is asked", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker, count } = fixture.worker();
    await Promise.all([worker.start(), worker.start()]);
    await worker.start();
    expect(fixture.driver.consumers).toHaveLength(1);
    await Promise.all([worker.stop(), worker.stop()]);
    await worker.stop();
    expect([count("ready"), count("stopping"), count("stopped")]).toEqual([1, 1, 1]);
    expect(fixture.driver.consumers.every(({ closed }) => closed)).toBe(true);
  });

  it("may end before it began", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker } = fixture.worker();
    await worker.stop();
    await expect(worker.start()).rejects.toThrow(WorkerError);
    await expect(worker.run()).rejects.toThrow("make another one");
    expect(fixture.driver.consumers).toHaveLength(0);
  });

  it("may end while it begins, and closes what it has opened by then", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const opening = deferred();
    const reached = deferred();
    fixture.driver.faults.consume = async (_, pass) => {
      reached.resolve();
      await opening.promise;
      return pass();
    };
    const { worker, count } = fixture.worker();
    const started = worker.start();
    await reached.promise;
    const stopped = worker.stop();
    opening.resolve();
    await Promise.all([started, stopped]);
    expect(fixture.driver.consumers).toMatchObject([{ closed: true }]);
    expect([worker.stats().state, count("ready")]).toEqual(["stopped", 0]);
  });

  it("may end while it connects", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const connecting = deferred();
    fixture.driver.faults.connect = (signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        connecting.resolve();
      });
    const { worker } = fixture.worker();
    const running = worker.run();
    await connecting.promise;
    await worker.stop();
    await running;
    expect(worker.stats().state).toBe("stopped");
  });

  it("is over for run() when it was stopped", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker, count } = fixture.worker();
    const running = worker.run();
    await eventually(() => count("ready") === 1);
    await worker.stop();
    await running;
  });
});
