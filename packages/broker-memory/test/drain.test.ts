import { type BrokerDriver, Chicory, ConfigError, createMessage, DeliveryMode } from "@chicory/core";
import { afterEach, describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { drain, MemoryServer, memory, VirtualClock } from "../src/index.js";

const HOUR_MS = 3_600_000;

let app: Chicory;
let clock: VirtualClock;

function newApp(): Chicory {
  clock = new VirtualClock();
  app = new Chicory({ broker: memory({ clock }) });
  return app;
}

afterEach(async () => {
  await app.close();
});

describe("drain()", () => {
  it("runs what was sent, in the order of a worker", async () => {
    const seen: string[] = [];
    const note = newApp().task("note", async (text: string) => void seen.push(text));
    await note.send("first");
    await note.send("second");
    await note.send("urgent", { priority: 9 });
    expect(await drain(app)).toEqual({ succeeded: 3, retried: 0, deadLettered: 0, failed: 0 });
    expect(seen).toEqual(["urgent", "first", "second"]);
  });

  it("does nothing where nothing was sent", async () => {
    newApp();
    expect(await drain(app)).toEqual({ succeeded: 0, retried: 0, deadLettered: 0, failed: 0 });
  });

  it("runs what tasks send, on other queues too, awaited or not", async () => {
    const seen: number[] = [];
    newApp();
    const down = app.task("down", { queue: "steps" }, async (step: number) => {
      seen.push(step);
      if (step === 3) void down.send(2);
      else if (step > 0) await down.send(step - 1, { queue: `steps-${step}` });
    });
    await down.send(3);
    expect((await drain(app)).succeeded).toBe(4);
    expect(seen).toEqual([3, 2, 1, 0]);
  });

  it("advances the clock over delays and retries", async () => {
    const seen: number[] = [];
    newApp();
    const start = clock.now();
    const flaky = app.task("flaky", { retry: { maxRetries: 3, delayMs: HOUR_MS, backoff: "fixed" } }, async () => {
      seen.push(clock.now() - start);
      if (seen.length < 3) throw new Error("not yet");
    });
    await flaky.send(undefined, { delayMs: HOUR_MS });
    expect(await drain(app)).toEqual({ succeeded: 1, retried: 2, deadLettered: 0, failed: 0 });
    expect(seen).toHaveLength(3);
    expect(seen[0]).toBeGreaterThanOrEqual(HOUR_MS);
    expect(seen[1]! - seen[0]!).toBeGreaterThanOrEqual(HOUR_MS / 2);
  });

  it("buries what fails for good, and the dead letter says why", async () => {
    newApp();
    const broken = app.task("broken", { retry: { maxRetries: 1 } }, async () => {
      throw new Error("broken for good");
    });
    await broken.send(undefined);
    expect(await drain(app)).toEqual({ succeeded: 0, retried: 1, deadLettered: 1, failed: 0 });
    const { letters } = await app.broker.deadLetters().list();
    expect(letters[0]?.record).toMatchObject({
      reason: "retries-exhausted",
      attempts: 2,
      error: { message: "broken for good" },
    });
  });

  it("buries at once what no task of the app knows", async () => {
    const server = new MemoryServer({ clock: new VirtualClock() });
    app = new Chicory({ broker: memory({ server }) });
    const sender = new Chicory({ broker: memory({ server }) });
    await sender.task("unknown", async () => undefined).send(undefined);
    expect((await drain(app)).deadLettered).toBe(1);
    expect((await app.broker.deadLetters().list()).letters[0]?.record.reason).toBe("unknown-task");
    await sender.close();
  });

  it("leaves what is delayed when it may not advance", async () => {
    newApp();
    const task = app.task("task", async () => undefined);
    await task.send(undefined);
    await task.send(undefined, { delayMs: HOUR_MS });
    expect((await drain(app, { advance: false })).succeeded).toBe(1);
    expect((await app.broker.depth()).delayed).toBe(1);
  });

  it("works on the queues that it is given alone", async () => {
    newApp();
    const task = app.task("task", async () => undefined);
    await task.send(undefined, { queue: "a" });
    await task.send(undefined, { queue: "b" });
    expect((await drain(app, { queues: ["a"] })).succeeded).toBe(1);
    expect((await app.broker.depth("b")).ready).toBe(1);
  });

  it("settles tasks at most once before it runs them, and only counts their failures", async () => {
    newApp();
    const waiting: number[] = [];
    const once = app.task("once", { deliveryMode: DeliveryMode.AT_MOST_ONCE }, async (fails: boolean) => {
      const { ready, inFlight } = await app.broker.depth();
      waiting.push(ready + (inFlight ?? 0));
      if (fails) throw new Error("failed");
    });
    await once.send(false);
    expect(await drain(app)).toMatchObject({ succeeded: 1, failed: 0 });
    await once.send(true);
    expect(await drain(app)).toMatchObject({ succeeded: 0, failed: 1, retried: 0, deadLettered: 0 });
    expect(waiting).toEqual([0, 0]);
  });

  it("gives handlers their schema's output, and buries input that the schema refuses", async () => {
    newApp();
    const seen: unknown[] = [];
    const schema = v.object({ n: v.pipe(v.string(), v.transform(Number)) });
    for (const deliveryMode of [DeliveryMode.AT_LEAST_ONCE, DeliveryMode.AT_MOST_ONCE]) {
      const task = app.task(deliveryMode, { input: schema, deliveryMode }, async (input) => void seen.push(input));
      await task.send({ n: "7" });
      await app.broker.publish(createMessage({ name: deliveryMode, input: { n: 7 }, mode: deliveryMode }));
    }
    expect(await drain(app)).toMatchObject({ succeeded: 2, deadLettered: 2 });
    expect(seen).toEqual([{ n: 7 }, { n: 7 }]);
  });

  it("runs the app's middleware", async () => {
    newApp();
    const seen: string[] = [];
    app.use({ before: (context) => void seen.push(context.name) });
    await app.task("task", async () => undefined).send(undefined);
    await drain(app);
    expect(seen).toEqual(["task"]);
  });

  it("gives up on tasks that send themselves for ever", async () => {
    newApp();
    const endless = app.task("endless", async (): Promise<void> => void (await endless.send(undefined)));
    await endless.send(undefined);
    await expect(drain(app, { maxRuns: 50 })).rejects.toThrow(/50 executions/);
  });

  it("says how to advance where there is no virtual clock", async () => {
    app = new Chicory({ broker: memory() });
    const task = app.task("task", async () => undefined);
    await task.send(undefined);
    expect((await drain(app)).succeeded).toBe(1);
    await task.send(undefined, { delayMs: HOUR_MS });
    await expect(drain(app)).rejects.toThrow(/VirtualClock/);
  });

  it("refuses an app with another broker", async () => {
    const { admin, capabilities } = memory();
    const other = { name: "other", admin, capabilities, close: async () => undefined };
    app = new Chicory({ broker: other as unknown as BrokerDriver });
    await expect(drain(app)).rejects.toThrow(ConfigError);
  });

  it("gives back nothing and holds nothing when it is done", async () => {
    newApp();
    await app.task("task", async () => undefined).send(undefined);
    await drain(app);
    expect(await app.broker.depth()).toEqual({ queue: "default", ready: 0, delayed: 0, inFlight: 0, deadLetters: 0 });
  });
});
