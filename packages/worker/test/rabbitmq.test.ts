import { randomUUID } from "node:crypto";
import { rabbitmq } from "@chicory/broker-rabbitmq";
import { Chicory, DeliveryMode } from "@chicory/core";
import { eventually, type RabbitmqServer, startRabbitmq, startTcpProxy } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Worker } from "../src/index.js";

const TIMEOUT_MS = 120_000;

let server: RabbitmqServer;
let prefix: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startRabbitmq();
}, 200_000);

beforeEach(() => {
  prefix = `t${randomUUID().slice(0, 8)}`;
});

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

afterAll(() => server.stop());

function newApp(port = server.port): Chicory {
  const app = new Chicory({ broker: rabbitmq({ host: server.host, port, prefix, heartbeatMs: 1_000 }) });
  cleanups.push(() => app.close());
  return app;
}

function newWorker(app: Chicory, concurrency = 32): Worker {
  const worker = new Worker(app, { queues: ["q"], concurrency });
  cleanups.push(() => worker.stop({ timeoutMs: 0 }));
  return worker;
}

describe("a worker on RabbitMQ", () => {
  it(
    "retries with a delay, and buries what fails for good with its error",
    async () => {
      const app = newApp();
      const attempts: number[] = [];
      const task = app.task(
        "fails",
        { queue: "q", retry: { maxRetries: 2, delayMs: 1_100, backoff: "fixed", jitter: false } },
        (_: undefined, { attempt }) => {
          attempts.push(attempt);
          throw new TypeError("no luck");
        },
      );
      const startedAt = Date.now();
      const { id } = await task.send(undefined);
      await newWorker(app).start();
      await eventually(async () => (await app.broker.deadLetters("q").count()) === 1, { deadlineMs: TIMEOUT_MS });
      expect(attempts).toEqual([1, 2, 3]);
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_200);
      const [letter] = (await app.broker.deadLetters("q").list()).letters;
      expect(letter?.record).toMatchObject({
        reason: "retries-exhausted",
        attempts: 3,
        taskId: id,
        taskName: "fails",
        error: { name: "TypeError", message: "no luck" },
      });
      expect(letter?.record.error?.stack).toContain("rabbitmq.test");
    },
    TIMEOUT_MS,
  );

  it(
    "goes on when its connections break, loses nothing, and runs nothing twice that may run once",
    async () => {
      const proxy = await startTcpProxy({ host: server.host, port: server.port });
      cleanups.push(() => proxy.stop());
      const app = newApp(proxy.port);
      const runs = new Map<string, number>();
      const run = async (_: undefined, { id }: { id: string }) => {
        runs.set(id, (runs.get(id) ?? 0) + 1);
        await new Promise((resolve) => setImmediate(resolve));
      };
      const again = app.task("again", { queue: "q" }, run);
      const once = app.task("once", { queue: "q", deliveryMode: DeliveryMode.AT_MOST_ONCE }, run);
      const sent = await again.sendMany(Array(600).fill(undefined));
      const sentOnce = await once.sendMany(Array(200).fill(undefined));
      const worker = newWorker(app, 8);
      let ended = 0;
      worker.on("succeeded", () => {
        ended += 1;
        if (ended % 150 === 0) proxy.sever();
      });
      await worker.start();
      await eventually(() => sent.every(({ id }) => runs.has(id)), { deadlineMs: TIMEOUT_MS });
      // What may have run once already is not lost without a trace.
      await eventually(
        async () => {
          const buried = await app.broker.deadLetters("q").count();
          return sentOnce.filter(({ id }) => runs.has(id)).length + buried >= 200;
        },
        { deadlineMs: TIMEOUT_MS },
      );
      for (const { id } of sentOnce) expect(runs.get(id) ?? 0).toBeLessThanOrEqual(1);
      expect(await eventually(() => worker.health().ok)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    "gives back what it holds at a stop, so that another one gets it at once",
    async () => {
      const app = newApp();
      let blocked = 0;
      const task = app.task("t", { queue: "q" }, (_: undefined, { signal }) => {
        blocked += 1;
        return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      await task.sendMany(Array(4).fill(undefined));
      const worker = newWorker(app, 4);
      await worker.start();
      await eventually(() => blocked === 4);
      await worker.stop({ timeoutMs: 0 });
      await eventually(async () => (await app.broker.depth("q")).ready === 4);
      expect(await app.broker.depth("q")).toMatchObject({ ready: 4, deadLetters: 0 });
    },
    TIMEOUT_MS,
  );
});
