import { DeliveryMode, type Settlement, SettlementError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { deferred, settled } from "./deferred.js";
import { WorkerFixture } from "./worker-fixture.js";

let fixture: WorkerFixture;

beforeEach(() => {
  fixture = new WorkerFixture();
});

afterEach(() => fixture.close());

const AT_MOST_ONCE = { queue: "q", deliveryMode: DeliveryMode.AT_MOST_ONCE } as const;

function areAcks(settlements: readonly Settlement[]): boolean {
  return settlements.every(({ kind }) => kind === "ack");
}

describe("a task at most once", () => {
  it("is settled before its handler is called", async () => {
    const inFlight: (number | undefined)[] = [];
    const task = fixture.app.task("t", AT_MOST_ONCE, async () => {
      inFlight.push((await fixture.app.broker.depth("q")).inFlight);
    });
    await task.sendMany([undefined, undefined]);
    const { count } = await fixture.started();
    await eventually(() => count("succeeded") === 2);
    expect(inFlight).toEqual([0, 0]);
  });

  it("is not run when its ack fails, is given back, and runs once", async () => {
    let runs = 0;
    const task = fixture.app.task("t", AT_MOST_ONCE, () => {
      runs += 1;
    });
    await task.send();
    let acks = 0;
    fixture.driver.faults.settle = async (settlements, pass) => {
      if (!areAcks(settlements)) return pass();
      acks += 1;
      if (acks === 1) throw new SettlementError(settlements, new Error("not sent"));
      return pass();
    };
    const { count } = await fixture.started();
    await eventually(() => count("succeeded") === 1);
    expect([runs, count("requeued"), count("queueError")]).toEqual([1, 1, 1]);
    await fixture.drained("q");
  });

  it("is not run when its ack took but the answer was lost", async () => {
    let runs = 0;
    const task = fixture.app.task("t", AT_MOST_ONCE, () => {
      runs += 1;
    });
    await task.send();
    fixture.driver.faults.settle = async (settlements, pass) => {
      if (!areAcks(settlements)) return pass();
      await pass();
      throw new SettlementError(settlements, new Error("the answer was lost"));
    };
    const { count } = await fixture.started();
    await eventually(() => count("lost") === 1);
    await fixture.drained("q");
    expect(runs).toBe(0);
  });

  it("is not run when somebody else was given it meanwhile", async () => {
    const runs: string[] = [];
    const task = fixture.app.task("t", AT_MOST_ONCE, (_: undefined, { id }) => void runs.push(id));
    await task.send();
    const blocked = deferred();
    const reached = deferred();
    fixture.driver.faults.settle = async (_, pass) => {
      reached.resolve();
      await blocked.promise;
      return pass();
    };
    const { count } = await fixture.started();
    await reached.promise;
    const isolation = fixture.memory.isolate();
    await fixture.clock.advance(120_000);
    isolation();
    blocked.resolve();
    await eventually(() => count("lost") === 1);
    // Handed out before, so nobody can know whether it ran.
    expect(await fixture.deadLetters("q")).toMatchObject([{ reason: "maybe-executed" }]);
    expect(runs).toEqual([]);
  });

  it("that fails is told and logged, and is not kept", async () => {
    const task = fixture.app.task("t", AT_MOST_ONCE, () => Promise.reject(new Error("boom")));
    const { id } = await task.send();
    const { told, count, worker } = await fixture.started();
    await eventually(() => count("failed") === 1);
    expect(told.find(({ event }) => event === "failed")?.payload).toMatchObject({
      queue: "q",
      id,
      name: "t",
      reason: "retries-exhausted",
      error: { message: "boom" },
    });
    await fixture.drained("q");
    expect(worker.stats()).toMatchObject({ started: 1, failed: 1, deadLettered: 0, retried: 0 });
    expect(await fixture.app.broker.deadLetters("q").count()).toBe(0);
  });

  it("obeys the message's mode, not the task's", async () => {
    const attempts: number[] = [];
    fixture.app.task("t", { queue: "q", retry: { maxRetries: 5 } }, (_: undefined, { attempt }) => {
      attempts.push(attempt);
      throw new Error("boom");
    });
    await fixture.put(
      "q",
      JSON.stringify({ v: 1, id: "1", name: "t", retries: 0, enqueuedAt: 1, mode: DeliveryMode.AT_MOST_ONCE }),
    );
    const { count } = await fixture.started();
    await eventually(() => count("failed") === 1);
    await fixture.clock.advance(3_600_000);
    await settled();
    expect(attempts).toEqual([1]);
  });

  it("acks many in one call", async () => {
    const calls: number[] = [];
    const task = fixture.app.task("t", AT_MOST_ONCE, () => undefined);
    await task.sendMany(Array(50).fill(undefined));
    fixture.driver.faults.settle = (settlements, pass) => {
      calls.push(settlements.length);
      return pass();
    };
    const { count } = await fixture.started({ concurrency: 50 });
    await eventually(() => count("succeeded") === 50);
    expect(calls.length).toBeLessThan(10);
  });

  it("is run all the same if its ack took while the worker was being stopped", async () => {
    let runs = 0;
    const task = fixture.app.task("t", AT_MOST_ONCE, () => {
      runs += 1;
    });
    await task.send();
    const blocked = deferred();
    const reached = deferred();
    fixture.driver.faults.settle = async (_, pass) => {
      reached.resolve();
      await blocked.promise;
      return pass();
    };
    const { worker } = await fixture.started();
    await reached.promise;
    const stopped = worker.stop();
    blocked.resolve();
    await stopped;
    expect(runs).toBe(1);
    await fixture.drained("q");
  });

  it("is given back runnable when the worker stops before its ack was sent", async () => {
    const ids: string[] = [];
    const gate = deferred();
    const task = fixture.app.task("t", AT_MOST_ONCE, async (_: undefined, { id }) => {
      ids.push(id);
      await gate.promise;
    });
    await task.sendMany([undefined, undefined, undefined]);
    const first = await fixture.started({ concurrency: 1 });
    await eventually(() => ids.length === 1);
    const stopped = first.worker.stop();
    const second = await fixture.started({ concurrency: 3 });
    await eventually(() => second.count("started") === 2);
    gate.resolve();
    await stopped;
    await fixture.drained("q");
    expect(new Set(ids).size).toBe(3);
    expect(ids).toHaveLength(3);
  });

  it("is given back runnable when the worker stops while its schema thinks", async () => {
    const thinking = deferred();
    const input = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          thinking.resolve();
          return new Promise<never>(() => undefined);
        },
      },
    } as const;
    fixture.app.task("t", { ...AT_MOST_ONCE, input }, () => undefined);
    const body = { v: 1, id: "1", name: "t", retries: 0, enqueuedAt: 1, mode: DeliveryMode.AT_MOST_ONCE };
    await fixture.put("q", JSON.stringify(body));
    const { worker } = await fixture.started({ shutdownTimeoutMs: 3_600_000 });
    await thinking.promise;
    await worker.stop();
    expect(await fixture.app.broker.depth("q")).toMatchObject({ ready: 1, inFlight: 0 });
    expect(worker.stats()).toMatchObject({ started: 0, requeued: 1 });
  });
});
