import { AccessError, ConfigError, ConnectionError, LeaseLostError, WorkerError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { deferred, settled } from "./deferred.js";
import { WorkerFixture } from "./worker-fixture.js";

let fixture: WorkerFixture;

beforeEach(() => {
  fixture = new WorkerFixture();
});

afterEach(() => fixture.close());

const never = () => new Promise<never>(() => undefined);

describe("a worker that cannot start", () => {
  it.each([new ConnectionError("The server is down"), new AccessError("The password is wrong")])(
    "says why: %p",
    async (cause) => {
      fixture.app.task("t", { queue: "q" }, () => undefined);
      fixture.driver.faults.connect = () => Promise.reject(cause);
      const { worker, told } = fixture.worker();
      const error: unknown = await worker.run().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(WorkerError);
      expect(error).toMatchObject({ message: `The worker cannot start: ${cause.message}`, cause });
      expect(worker.stats().state).toBe("stopped");
      expect(told.at(-1)).toEqual({ event: "stopped", payload: { error } });
    },
  );

  it("leaves an error of the configuration as it is", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const cause = new ConfigError("No broker is installed");
    fixture.driver.faults.connect = () => Promise.reject(cause);
    await expect(fixture.worker().worker.start()).rejects.toBe(cause);
  });

  it("closes the queues that could be opened if another could not", async () => {
    fixture.app.task("a", { queue: "a" }, () => undefined);
    fixture.app.task("b", { queue: "b" }, () => undefined);
    fixture.driver.faults.consume = (queue, pass) =>
      queue === "a" ? pass() : Promise.reject(new AccessError("No right to read b"));
    await expect(fixture.worker().worker.start()).rejects.toThrow("No right to read b");
    expect(fixture.driver.consumers).toMatchObject([{ closed: true }]);
  });
});

describe("a worker whose broker fails", () => {
  it("goes on when a queue can be read again", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    let failures = 0;
    const error = new ConnectionError("gone");
    fixture.driver.faults.receive = (_max, _signal, pass) => {
      failures += 1;
      if (failures <= 3) throw error;
      return pass();
    };
    const { count, told, worker } = await fixture.started();
    await task.send();
    await eventually(() => count("succeeded") === 1);
    expect(told.filter(({ event }) => event === "queueError").map(({ payload }) => payload)).toEqual(
      Array(3).fill({ queue: "q", error }),
    );
    expect(worker.health()).toMatchObject({ ok: true, queues: [{ failingMs: 0 }] });
  });

  it("gives up when a queue cannot be read for too long, and lets what runs end", async () => {
    const gate = deferred();
    const task = fixture.app.task("t", { queue: "q" }, () => gate.promise);
    await task.send();
    const { worker, count, told } = fixture.worker({ recoveryTimeoutMs: 40, concurrency: 8 });
    const ended = worker.run().catch((reason: unknown) => reason);
    await eventually(() => count("started") === 1);
    const cause = new ConnectionError("gone");
    fixture.driver.faults.receive = () => Promise.reject(cause);
    await task.sendMany([undefined, undefined]);
    await eventually(() => count("stopping") === 1);
    gate.resolve();
    const error = await ended;
    expect(error).toBeInstanceOf(WorkerError);
    expect(error).toMatchObject({ cause, message: expect.stringContaining('Queue "q" has been unusable') });
    expect(told.at(-1)).toEqual({ event: "stopped", payload: { error } });
    expect(worker.stats()).toMatchObject({ lost: 0, requeued: 0, running: 0 });
    expect(worker.stats().succeeded).toBeGreaterThanOrEqual(1);
    expect(await fixture.app.broker.depth("q")).toMatchObject({ inFlight: 0 });
  });

  it("fetches no more when settlements do not take, and gives up in the end", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    await task.sendMany(Array(200).fill(undefined));
    fixture.driver.faults.settle = () => Promise.reject(new ConnectionError("gone"));
    const { worker, count } = await fixture.started({ concurrency: 4, recoveryTimeoutMs: 300 });
    await eventually(() => count("stopping") === 1);
    // Twice the slots, at least 16, and what was being fetched and was running when that was reached.
    expect(worker.stats().started).toBeLessThanOrEqual(16 + 3 * 4);
  });

  it("ends when the app is closed under it", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    const { worker, count } = fixture.worker();
    const ended = worker.run().catch((reason: unknown) => reason);
    await eventually(() => count("ready") === 1);
    await fixture.app.close();
    expect(await ended).toMatchObject({
      code: "CHICORY_WORKER",
      message: expect.stringContaining("stop the worker first"),
    });
  });

  it("replaces a consumer that hears nothing, and goes on", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    fixture.driver.faults.receive = never;
    fixture.driver.faults.lastAnsweredAt = 1;
    const { worker, count } = await fixture.started({ stallTimeoutMs: 50 });
    expect(worker.health().ok).toBe(true);
    await task.send();
    await eventually(() => fixture.driver.consumers.length === 2);
    fixture.driver.faults.receive = undefined;
    fixture.driver.faults.lastAnsweredAt = undefined;
    await eventually(() => count("succeeded") === 1);
    expect(count("rebuilt")).toBeGreaterThanOrEqual(1);
    expect(fixture.driver.consumers[0]?.closed).toBe(true);
    await fixture.drained("q");
  });

  it("keeps a consumer that waits for messages and hears that there are none", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    fixture.driver.faults.receive = never;
    let looks = 0;
    Object.defineProperty(fixture.driver.faults, "lastAnsweredAt", {
      get: () => {
        looks += 1;
        return looks;
      },
    });
    const { worker } = await fixture.started({ stallTimeoutMs: 40 });
    await eventually(() => looks > 30);
    expect(fixture.driver.consumers).toHaveLength(1);
    expect(worker.health().ok).toBe(true);
  });

  it("gives up when every new consumer hears nothing either", async () => {
    fixture.app.task("t", { queue: "q" }, () => undefined);
    fixture.driver.faults.receive = never;
    fixture.driver.faults.lastAnsweredAt = 1;
    const { worker } = fixture.worker({ stallTimeoutMs: 20, recoveryTimeoutMs: 200 });
    await expect(worker.run()).rejects.toThrow("did not answer queue");
    expect(fixture.driver.consumers.length).toBeGreaterThan(1);
  });

  it("tries again to open a consumer that it has to replace", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    const { count } = await fixture.started({ stallTimeoutMs: 50 });
    let opened = 0;
    fixture.driver.faults.consume = (_, pass) => {
      opened += 1;
      return opened < 3 ? Promise.reject(new ConnectionError("gone")) : pass();
    };
    fixture.driver.faults.lastAnsweredAt = 1;
    fixture.driver.faults.receive = never;
    await task.send();
    await eventually(() => opened >= 3);
    fixture.driver.faults.receive = undefined;
    fixture.driver.faults.lastAnsweredAt = undefined;
    await eventually(() => count("succeeded") === 1);
  });

  it("replaces a consumer that was closed behind its back", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    let calls = 0;
    fixture.driver.faults.receive = (_max, _signal, pass) => {
      calls += 1;
      return calls === 1 ? [] : pass();
    };
    const { count } = await fixture.started();
    await task.send();
    await eventually(() => count("succeeded") === 1);
    expect(fixture.driver.consumers.length).toBe(2);
  });
});

describe("a worker that loses a lease", () => {
  it("aborts the handler's signal, and does not settle what it returns", async () => {
    const reasons: unknown[] = [];
    const gate = deferred();
    const task = fixture.app.task("t", { queue: "q" }, async (_: undefined, { signal }) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      await gate.promise;
    });
    const { id } = await task.send();
    const { worker, told, count } = await fixture.started();
    await eventually(() => count("started") === 1);
    const heal = fixture.memory.isolate();
    await fixture.clock.advance(60_000);
    const other = await otherConsumer();
    heal();
    await fixture.clock.advance(30_000);
    await eventually(() => count("lost") === 1);
    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    expect(told.find(({ event }) => event === "lost")?.payload).toMatchObject({ queue: "q", id, name: "t" });
    await eventually(() => worker.stats().zombies === 1);
    gate.resolve();
    await eventually(() => worker.stats().running === 0);
    await settled();
    expect(worker.stats()).toMatchObject({ succeeded: 0, lost: 1, zombies: 0, settling: 0 });
    expect(await fixture.app.broker.depth("q")).toMatchObject({ inFlight: 1 });
    await other.close();
  });

  it("reports what the settlement says is lost", async () => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    await task.send();
    fixture.driver.faults.settle = async (settlements, pass) => {
      await pass();
      return { lost: settlements.map(({ delivery }) => delivery) };
    };
    const { worker, count } = await fixture.started();
    await eventually(() => count("lost") === 1);
    expect(worker.stats()).toMatchObject({ succeeded: 0, lost: 1 });
  });

  async function otherConsumer() {
    const { memory } = await import("@chicory/broker-memory");
    const driver = memory({ server: fixture.server });
    const consumer = await driver.consume("q", { worker: "w-other", credits: 1 });
    const [delivery] = await consumer.receive(1, new AbortController().signal);
    expect(delivery?.redelivered).toBe(true);
    return consumer;
  }
});

describe("a worker whose slots are all taken by zombies", () => {
  it("gives up", async () => {
    const task = fixture.app.task("t", { queue: "q", timeoutMs: 5, retry: { maxRetries: 0 } }, never);
    await task.sendMany([undefined, undefined]);
    const { worker } = fixture.worker({ concurrency: 2, timeoutGraceMs: 5, zombieTimeoutMs: 20 });
    await expect(worker.run()).rejects.toThrow('Every slot of queue "q" is taken by a task that ignores its timeout');
    expect(worker.stats()).toMatchObject({ state: "stopped", zombies: 2 });
    await fixture.deadLetters("q", 2);
  });
});
