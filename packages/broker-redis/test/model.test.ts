import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerHarness } from "@chicory/conformance";
import type { BrokerDriver } from "@chicory/core";
import { checkDelivery } from "@chicory/model";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { RedisHarness } from "./redis-harness.js";
import { singleStage } from "./redis-stage.js";

/** Histories that are played side by side, since most of their time is spent waiting for leases. */
const HISTORIES = 10;

/** Steps of the longest of them. */
const MAX_STEPS = 20;

/** How long a delivery that is there takes to arrive, many times over, in milliseconds. */
const PATIENCE_MS = 100;

/** Fixed, so that a push does not roll dice. */
const SEED = 20_300_101;

/** The part of a harness that belongs to one history: its faults are no other's. */
function partOf(harness: RedisHarness): BrokerHarness {
  const drivers = new Set<BrokerDriver>();
  return {
    capabilities: harness.capabilities,
    leaseMs: harness.leaseMs,
    createDriver: (options) => {
      const driver = harness.createDriver(options);
      drivers.add(driver);
      return driver;
    },
    now: () => harness.now(),
    elapse: (ms) => harness.elapse(ms),
    crash: (driver) => harness.crash(driver),
    isolate: (driver) => harness.isolate(driver),
    severConnections: () => harness.sever(drivers),
    putForeign: (queue, body) => harness.putForeign(queue, body),
    storedCount: (queue) => harness.storedCount(queue),
    close: async () => undefined,
  };
}

describe("Redis", () => {
  let harness: RedisHarness;

  beforeAll(async () => {
    harness = new RedisHarness(await singleStage());
  });

  afterAll(async () => {
    await harness.close();
  });

  it("keeps every promise of the delivery model", async () => {
    const checks = Array.from({ length: HISTORIES }, (_, history) =>
      checkDelivery({
        harness: () => partOf(harness),
        seed: SEED + history,
        runs: 1,
        maxSteps: MAX_STEPS,
        patience: () => sleep(PATIENCE_MS),
      }),
    );
    const failure = (await Promise.allSettled(checks)).find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  });
});
