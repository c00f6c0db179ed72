import { Worker } from "node:worker_threads";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { Pulse } from "./pulse.js";

describe("a pulse", () => {
  it("tells for how long it was silent, also to who has only its memory", async () => {
    const pulse = new Pulse();
    const observer = new Pulse(pulse.memory);
    await eventually(() => observer.silentMs >= 30);
    expect(pulse.silentMs).toBeGreaterThanOrEqual(30);
    pulse.beat();
    expect(observer.silentMs).toBeLessThan(30_000);
    await eventually(() => observer.silentMs >= 10);
  });

  it("goes by a clock that is the same in all threads", async () => {
    const before = process.hrtime.bigint();
    const beat = "new BigInt64Array(require('node:worker_threads').workerData)[0] = process.hrtime.bigint()";
    const pulse = new Pulse();
    const thread = new Worker(beat, { eval: true, workerData: pulse.memory });
    await new Promise((resolve) => thread.once("exit", resolve));
    const sinceMs = Number(process.hrtime.bigint() - before) / 1e6;
    expect(pulse.silentMs).toBeGreaterThanOrEqual(0);
    expect(pulse.silentMs).toBeLessThanOrEqual(sinceMs);
  });
});
