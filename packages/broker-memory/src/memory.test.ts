import { ConfigError, silentLogger } from "@chicory/core";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createDriver, memory } from "./memory.js";
import { MemoryServer } from "./memory-server.js";
import { VirtualClock } from "./virtual-clock.js";

const VARIABLE = "CHICORY_BROKER_MEMORY_MAX_LENGTH";

const messages = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: String(index),
    queue: "q",
    body: "",
    mode: "at-least-once" as const,
    priority: 0,
  }));

afterEach(() => {
  delete process.env[VARIABLE];
});

describe("memory()", () => {
  it("makes a driver with a server of its own", async () => {
    const [first, second] = [memory(), memory()];
    await first.publish(messages(1));
    expect((await second.admin.depth("q")).ready).toBe(0);
  });

  it("makes drivers that share a server", async () => {
    const server = new MemoryServer();
    await memory({ server }).publish(messages(1));
    expect((await memory({ server }).admin.depth("q")).ready).toBe(1);
  });

  it("uses the clock that it is given", () => {
    const clock = new VirtualClock(5);
    expect(memory({ clock }).server.clock).toBe(clock);
  });

  it("reads options from the environment", async () => {
    process.env[VARIABLE] = "2";
    await expect(memory().publish(messages(3))).rejects.toThrow(/maxLength/);
    await memory({ maxLength: 3 }).publish(messages(3));
  });

  it("names the option that is not acceptable", () => {
    expect(() => memory({ leaseMs: 0 })).toThrow(/leaseMs/);
    process.env[VARIABLE] = "many";
    expect(() => memory()).toThrow(new RegExp(VARIABLE));
  });

  it("refuses a server besides a clock or a seed", () => {
    const server = new MemoryServer();
    expect(() => memory({ server, clock: new VirtualClock() })).toThrow(ConfigError);
    expect(() => memory({ server, seed: 1 })).toThrow(ConfigError);
  });
});

describe("createDriver()", () => {
  it("makes a driver of a resolved config", () => {
    const driver = createDriver({ leaseMs: 1_000, maxLength: undefined, seed: undefined });
    expect(driver.name).toBe("memory");
    expect(driver.server.seed).toBeUndefined();
  });

  it("prints the seed, so that a run can be repeated", () => {
    const lines: unknown[] = [];
    const logger = { ...silentLogger, info: (fields: unknown) => void lines.push(fields) };
    const driver = createDriver({ leaseMs: 1_000, maxLength: undefined, seed: 42 }, { logger });
    expect(driver.server.seed).toBe(42);
    expect(lines).toEqual([{ seed: 42 }]);
  });
});
