import { DeliveryMode } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { deferred, settled } from "./deferred.js";
import { WorkerFixture } from "./worker-fixture.js";

let fixture: WorkerFixture;

beforeEach(() => {
  fixture = new WorkerFixture();
});

afterEach(() => fixture.close());

const fixed = { maxRetries: 2, delayMs: 60_000, backoff: "fixed", jitter: false } as const;

describe("a task that fails", () => {
  it("is tried again after its pause, and is done when it succeeds", async () => {
    const attempts: number[] = [];
    const task = fixture.app.task("t", { queue: "q", retry: fixed }, (_: undefined, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error(`attempt ${attempt}`);
    });
    const { id } = await task.send();
    const { told, count } = await fixture.started();
    await eventually(() => count("retried") === 1);
    expect(attempts).toEqual([1]);
    expect(told.find(({ event }) => event === "retried")?.payload).toMatchObject({
      queue: "q",
      id,
      name: "t",
      attempt: 1,
      delayMs: 60_000,
      error: { message: "attempt 1" },
    });
    await fixture.clock.advance(70_000);
    await eventually(() => count("retried") === 2);
    await fixture.clock.advance(70_000);
    await eventually(() => count("succeeded") === 1);
    expect(attempts).toEqual([1, 2, 3]);
    await fixture.drained("q");
    expect(count("deadLettered")).toBe(0);
  });

  it("becomes a dead letter when no attempt is left", async () => {
    const task = fixture.app.task("t", { queue: "q", retry: { maxRetries: 0 } }, () => {
      throw new TypeError("boom");
    });
    const { id } = await task.send();
    const { told, count } = await fixture.started();
    const [record] = await fixture.deadLetters("q");
    expect(record).toMatchObject({
      reason: "retries-exhausted",
      taskId: id,
      taskName: "t",
      attempts: 1,
      worker: "w-test",
      error: { name: "TypeError", message: "boom", stack: expect.stringContaining("outcomes.test") },
    });
    await eventually(() => count("deadLettered") === 1);
    expect(told.find(({ event }) => event === "deadLettered")?.payload).toMatchObject({
      queue: "q",
      id,
      name: "t",
      reason: "retries-exhausted",
      error: { message: "boom" },
    });
  });

  it.each<[string, () => unknown]>([
    ["throws at once", () => throwing(new Error("x"))],
    ["throws undefined", () => throwing(undefined)],
    ["throws a string", () => throwing("text")],
    ["throws what cannot be read", () => throwing(revoked())],
    ["rejects with undefined", () => Promise.reject(undefined)],
    ["rejects with null later", () => new Promise((_, reject) => setImmediate(reject, null))],
    ["returns a thenable that rejects", () => thenable((_, reject) => reject(new Error("x")))],
    ["returns a thenable that throws", () => thenable(() => throwing(new Error("x")))],
  ])("that %s is a failure like any other, and the worker goes on", async (_, handler) => {
    const bad = fixture.app.task("bad", { queue: "q", retry: { maxRetries: 0 } }, handler);
    const good = fixture.app.task("good", { queue: "q" }, () => undefined);
    await bad.send();
    const { count } = await fixture.started({ concurrency: 1 });
    await fixture.deadLetters("q");
    await good.send();
    await eventually(() => count("succeeded") === 1);
    await fixture.drained("q");
  });

  it("is dropped after logging where dead letters are switched off", async () => {
    const task = fixture.app.task("t", { queue: "q", retry: { maxRetries: 0 } }, () => {
      throw new Error("boom");
    });
    const { id } = await task.send();
    const { told, count, worker } = await fixture.started({ deadLetters: false });
    await eventually(() => count("failed") === 1);
    expect(told.find(({ event }) => event === "failed")?.payload).toMatchObject({
      id,
      reason: "retries-exhausted",
      error: { message: "boom" },
    });
    await fixture.drained("q");
    expect(await fixture.app.broker.deadLetters("q").count()).toBe(0);
    expect(worker.stats()).toMatchObject({ failed: 1, deadLettered: 0 });
    expect(fixture.log).toContainEqual({
      level: "error",
      message: "A task failed for good and was not kept",
      fields: expect.objectContaining({ task: "t", id, reason: "retries-exhausted", queue: "q" }),
    });
  });
});

describe("a message that is no good", () => {
  const nested = `${"[".repeat(100)}${"]".repeat(100)}`;

  it.each([
    ["no JSON", "{"],
    ["of another version", '{"v":2,"id":"1","name":"t","retries":0,"enqueuedAt":1}'],
    ["without a name", '{"v":1,"id":"1","retries":0,"enqueuedAt":1}'],
    [
      "with a key named __proto__",
      '{"v":1,"id":"1","name":"t","retries":0,"enqueuedAt":1,"input":{"__proto__":{"x":1}}}',
    ],
    ["nested too deeply", `{"v":1,"id":"1","name":"t","retries":0,"enqueuedAt":1,"input":${nested}}`],
    ["no text", Uint8Array.from([0xff, 0xfe, 0x00])],
    ["empty", ""],
  ])("%s becomes a dead letter with its bytes, and the worker goes on", async (_, body) => {
    const task = fixture.app.task("t", { queue: "q" }, () => undefined);
    const { count } = await fixture.started();
    await fixture.put("q", body);
    const [record] = await fixture.deadLetters("q");
    expect(record).toMatchObject({ reason: "undecodable", attempts: 0, error: { name: "UndecodableError" } });
    const { letters } = await fixture.app.broker.deadLetters("q").list();
    expect(Buffer.from(letters[0]!.body)).toEqual(Buffer.from(body));
    await task.send();
    await eventually(() => count("succeeded") === 1);
  });

  it("with input that the schema refuses becomes a dead letter, and its handler is not called", async () => {
    const schema = v.object({ n: v.number() });
    const strict = fixture.app.task("strict", { queue: "q", input: schema }, () => undefined);
    const once = fixture.app.task(
      "once",
      { queue: "q", input: schema, deliveryMode: DeliveryMode.AT_MOST_ONCE },
      () => undefined,
    );
    for (const [name, mode] of [
      [strict.name, undefined],
      [once.name, DeliveryMode.AT_MOST_ONCE],
    ]) {
      await fixture.put(
        "q",
        JSON.stringify({ v: 1, id: name, name, retries: 0, enqueuedAt: 1, mode, input: { n: "secret" } }),
      );
    }
    const { worker } = await fixture.started();
    const records = await fixture.deadLetters("q", 2);
    for (const record of records) expect(record).toMatchObject({ reason: "invalid-input", attempts: 0 });
    expect(JSON.stringify(records)).not.toContain("secret");
    expect(worker.stats().succeeded).toBe(0);
    await fixture.drained("q");
  });

  it("for an unknown task is put back until somebody knows it", async () => {
    fixture.app.task("other", { queue: "q" }, () => undefined);
    await fixture.put("q", JSON.stringify({ v: 1, id: "new-1", name: "new", retries: 0, enqueuedAt: 1 }));
    const old = await fixture.started({ unknownTaskDelayMs: 60_000 });
    await eventually(() => old.count("unknownTask") === 1);
    await old.worker.stop();
    const seen: string[] = [];
    fixture.app.task("new", { queue: "q" }, (_: undefined, { id, attempt }) => void seen.push(`${id} ${attempt}`));
    await fixture.started();
    await fixture.clock.advance(70_000);
    await eventually(() => seen.length === 1);
    expect(seen).toEqual(["new-1 1"]);
  });

  it("for a task that stays unknown becomes a dead letter after its grace", async () => {
    fixture.app.task("other", { queue: "q" }, () => undefined);
    await fixture.put("q", JSON.stringify({ v: 1, id: "1", name: "gone", retries: 0, enqueuedAt: 1 }));
    const { count } = await fixture.started({ unknownTaskRetries: 2, unknownTaskDelayMs: 1_000 });
    for (const tries of [1, 2]) {
      await eventually(() => count("unknownTask") === tries);
      await fixture.clock.advance(60_000);
    }
    expect(await fixture.deadLetters("q")).toMatchObject([{ reason: "unknown-task", taskName: "gone", attempts: 0 }]);
  });

  it("that was handed out too often is buried without being run", async () => {
    let runs = 0;
    const task = fixture.app.task("t", { queue: "q" }, () => {
      runs += 1;
      return new Promise(() => undefined);
    });
    await task.send();
    await fixture.crashWith("q");
    await fixture.crashWith("q");
    await fixture.started({ maxDeliveries: 2 });
    expect(await fixture.deadLetters("q")).toMatchObject([{ reason: "delivery-limit", deliveryCount: 3 }]);
    expect(runs).toBe(0);
  });
});

describe("a timeout", () => {
  it("aborts the signal, counts as a failure, and frees the slot when the handler ends", async () => {
    const task = fixture.app.task(
      "t",
      { queue: "q", timeoutMs: 5, retry: { maxRetries: 0 } },
      (_: undefined, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await task.send();
    const { worker } = await fixture.started({ timeoutGraceMs: 60_000 });
    expect(await fixture.deadLetters("q")).toMatchObject([
      { reason: "timeout", error: { name: "TaskTimeoutError", code: "CHICORY_TASK_TIMEOUT" } },
    ]);
    await eventually(() => worker.stats().running === 0);
  });

  it("that is ignored makes a zombie, which keeps its slot until it ends", async () => {
    const gate = deferred();
    let runs = 0;
    const task = fixture.app.task("t", { queue: "q", timeoutMs: 5, retry: { maxRetries: 0 } }, () => {
      runs += 1;
      return runs === 1 ? gate.promise : undefined;
    });
    await task.sendMany([undefined, undefined]);
    const { worker, count } = await fixture.started({ timeoutGraceMs: 5, concurrency: 1 });
    await fixture.deadLetters("q");
    await eventually(() => worker.stats().zombies === 1);
    await settled();
    expect([runs, worker.stats().running]).toEqual([1, 1]);
    await eventually(() => fixture.log.some(({ message }) => message.includes("ignores that its signal was aborted")));
    gate.resolve();
    await eventually(() => count("succeeded") === 1);
    expect(worker.stats()).toMatchObject({ zombies: 0, running: 0 });
  });
});

function throwing(value: unknown): never {
  throw value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function thenable(then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): object {
  return { then };
}
