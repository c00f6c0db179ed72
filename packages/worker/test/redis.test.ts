import { randomUUID } from "node:crypto";
import { redis } from "@chicory/broker-redis";
import { Chicory, DeliveryMode } from "@chicory/core";
import { eventually, type RedisServer, startRedis, startTcpProxy } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Worker } from "../src/index.js";
import { ChildWorker } from "./child-worker.js";

let server: RedisServer;
let keyPrefix: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startRedis();
});

beforeEach(() => {
  keyPrefix = `chicory-test-${randomUUID()}`;
});

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

afterAll(() => server.stop());

function newApp(url = server.url): Chicory {
  const app = new Chicory({ broker: redis({ url, keyPrefix, leaseMs: 1_000 }) });
  cleanups.push(() => app.close());
  return app;
}

function newWorker(app: Chicory, concurrency = 32): Worker {
  const worker = new Worker(app, { queues: ["q"], concurrency });
  cleanups.push(() => worker.stop({ timeoutMs: 0 }));
  return worker;
}

async function drained(app: Chicory): Promise<void> {
  await eventually(async () => {
    const { ready, delayed, inFlight } = await app.broker.depth("q");
    return ready + (delayed ?? 0) + (inFlight ?? 0) === 0;
  });
}

describe("a worker on Redis", () => {
  it("takes over what another one was running when it was killed, and never runs twice what may run once", async () => {
    const app = newApp();
    const runs: string[] = [];
    const again = app.task("again", { queue: "q" }, (_: undefined, { id }) => void runs.push(`again ${id}`));
    const once = app.task(
      "once",
      { queue: "q", deliveryMode: DeliveryMode.AT_MOST_ONCE },
      (_: undefined, { id }) => void runs.push(`once ${id}`),
    );
    const sent = await again.sendMany(Array(5).fill(undefined));
    const sentOnce = await once.sendMany(Array(5).fill(undefined));

    const victim = new ChildWorker("redis-worker", { REDIS_URL: server.url, KEY_PREFIX: keyPrefix });
    cleanups.push(() => victim.end());
    await eventually(() => victim.lines.length === 10);
    victim.kill("SIGKILL");
    expect(await victim.exit()).toBe("SIGKILL");

    await newWorker(app).start();
    await eventually(() => runs.length === 5);
    expect(new Set(runs)).toEqual(new Set(sent.map(({ id }) => `again ${id}`)));
    expect(new Set(victim.lines)).toEqual(
      new Set([...sent.map(({ id }) => `again ${id}`), ...sentOnce.map(({ id }) => `once ${id}`)]),
    );
    await drained(app);
    expect(await app.broker.deadLetters("q").count()).toBe(0);
    expect(runs).toHaveLength(5);
  });

  it("goes on when its connections break, and loses nothing", async () => {
    const proxy = await startTcpProxy({ host: server.host, port: server.port });
    cleanups.push(() => proxy.stop());
    const app = newApp(`redis://${proxy.host}:${proxy.port}`);
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
    await drained(app);
    for (const { id } of sent) expect(runs.get(id)).toBeGreaterThanOrEqual(1);
    for (const { id } of sentOnce) expect(runs.get(id) ?? 0).toBeLessThanOrEqual(1);
    expect(await eventually(() => worker.health().ok)).toBe(true);
  });

  it("gives back what never ran at a stop, so that another one gets it at once", async () => {
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
    expect(await app.broker.depth("q")).toMatchObject({ ready: 4, inFlight: 0, deadLetters: 0 });
  });
});
