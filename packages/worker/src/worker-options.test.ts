import { memory } from "@chicory/broker-memory";
import { Chicory, type ChicoryConfig, ConfigError } from "@chicory/core";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { resolveWorkerOptions } from "./worker-options.js";

const saved = { ...process.env };

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("CHICORY_")) delete process.env[name];
});

afterEach(() => {
  process.env = { ...saved };
});

function app(config: ChicoryConfig = {}): Chicory {
  const made = new Chicory({ broker: memory(), config });
  made.task("a", { queue: "first" }, () => undefined);
  made.task("b", { queue: "second" }, () => undefined);
  return made;
}

describe("worker options", () => {
  it("have defaults", () => {
    expect(resolveWorkerOptions(app(), {})).toMatchObject({
      queues: [
        { name: "first", concurrency: 32 },
        { name: "second", concurrency: 32 },
      ],
      shutdownTimeoutMs: 30_000,
      maxDeliveries: 5,
      unknownTaskRetries: 10,
      unknownTaskDelayMs: 30_000,
      deadLetters: true,
      timeoutGraceMs: 5_000,
      lookAhead: true,
      stallTimeoutMs: 60_000,
      recoveryTimeoutMs: 300_000,
      zombieTimeoutMs: 60_000,
    });
  });

  it("come from the environment", () => {
    process.env.CHICORY_WORKER_CONCURRENCY = "4";
    process.env.CHICORY_WORKER_QUEUE = "high=16, low";
    process.env.CHICORY_WORKER_DEAD_LETTERS = "false";
    process.env.CHICORY_WORKER_SHUTDOWN_TIMEOUT_MS = "5";
    expect(resolveWorkerOptions(app(), {})).toMatchObject({
      queues: [
        { name: "high", concurrency: 16 },
        { name: "low", concurrency: 4 },
      ],
      deadLetters: false,
      shutdownTimeoutMs: 5,
    });
  });

  it("are taken from code before config before environment", () => {
    process.env.CHICORY_WORKER_CONCURRENCY = "4";
    process.env.CHICORY_WORKER_MAX_DELIVERIES = "4";
    process.env.CHICORY_WORKER_TIMEOUT_GRACE_MS = "4";
    const configured = app({ worker: { concurrency: 3, maxDeliveries: 3, queue: ["first"] } });
    const settings = resolveWorkerOptions(configured, { concurrency: 2 });
    expect(settings).toMatchObject({
      queues: [{ name: "first", concurrency: 2 }],
      maxDeliveries: 3,
      timeoutGraceMs: 4,
    });
  });

  it("do not override when they are undefined", () => {
    const configured = app({ worker: { concurrency: 3, queue: ["second"], lookAhead: false } });
    const options = { concurrency: undefined, queues: undefined, lookAhead: undefined, name: undefined };
    const settings = resolveWorkerOptions(configured, options);
    expect(settings).toMatchObject({ queues: [{ name: "second", concurrency: 3 }], lookAhead: false });
  });

  it.each([
    [{ concurrency: 0 }, "worker.concurrency is 0"],
    [{ concurrency: 1.5 }, "worker.concurrency is 1.5"],
    [{ queues: ["a=0"] }, "a queue name, or name=concurrency"],
    [{ queues: [] }, "no queue to consume"],
    [{ maxDeliveries: 0 }, "worker.maxDeliveries is 0"],
    [{ shutdownTimeoutMs: -1 }, "worker.shutdownTimeoutMs is -1"],
  ])("refuse %p", (options, message) => {
    expect(() => resolveWorkerOptions(app(), options)).toThrow(ConfigError);
    expect(() => resolveWorkerOptions(app(), options)).toThrow(message);
  });

  it("name the variable whose value is not acceptable", () => {
    process.env.CHICORY_WORKER_QUEUE = "no queue";
    expect(() => resolveWorkerOptions(app(), {})).toThrow("CHICORY_WORKER_QUEUE");
  });

  it("need a queue", () => {
    expect(() => resolveWorkerOptions(new Chicory({ broker: memory() }), {})).toThrow("define a task");
  });

  it("give every worker a name of its own", () => {
    const names = new Set([1, 2, 3].map(() => resolveWorkerOptions(app(), {}).name));
    expect(names.size).toBe(3);
    expect(resolveWorkerOptions(app(), { name: "mine" }).name).toBe("mine");
  });
});
