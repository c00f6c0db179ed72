import assert from "node:assert/strict";
import { UnsupportedError } from "@chicory/core";
import { type Scenario, scenarioGroup } from "../scenario.js";
import { expectDepth } from "../steps/depth.js";
import { expectRefusal } from "../steps/publish.js";

/** What a driver says of itself. */
export const capabilities: readonly Scenario[] = scenarioGroup("capabilities", {
  "the capabilities are the same before and after connecting, and in every driver": async (t) => {
    const driver = t.driver();
    assert.deepEqual(driver.capabilities, t.capabilities);
    await driver.connect();
    await driver.publish([t.message()]);
    assert.deepEqual(driver.capabilities, t.capabilities);
    assert.deepEqual(t.driver().capabilities, t.capabilities);
  },

  "the capabilities are values that the contract knows": async (t) => {
    const { priorityLevels, priorityOrder, delay, ordering, ownership, counts, ...flags } = t.capabilities;
    assert.ok(Number.isInteger(priorityLevels) && priorityLevels >= 1 && priorityLevels <= 10);
    assert.ok([undefined, "strict", "coarse"].includes(priorityOrder));
    assert.ok(Number.isFinite(delay.precisionMs) && delay.precisionMs >= 0);
    assert.ok(Number.isFinite(delay.maxMs) && delay.maxMs > 0);
    assert.ok(["fifo", "none"].includes(ordering));
    assert.ok(["lease", "connection"].includes(ownership));
    assert.ok([counts.delayed, counts.inFlight].every((flag) => typeof flag === "boolean"));
    for (const flag of [
      "durable",
      "settleConfirmed",
      "countsDeliveries",
      "atomicRetry",
      "dedupe",
      "routing",
    ] as const) {
      assert.equal(typeof flags[flag], "boolean", flag);
    }
  },

  "a driver that keeps leases has a harness that says how long they are": async (t) => {
    if (t.capabilities.ownership === "lease") assert.ok(t.leaseMs > 0);
    else assert.equal(t.harness.leaseMs, undefined);
  },

  "the name is short and fits config and logs": async (t) => {
    assert.match(t.driver().name, /^[a-z][a-z0-9-]{0,31}$/);
  },

  "an ability that is missing is refused instead of ignored": async (t) => {
    const driver = t.driver();
    await expectRefusal(driver, t.message({ priority: t.capabilities.priorityLevels }), UnsupportedError);
    const notBefore = (await t.harness.now()) + t.capabilities.delay.maxMs + 3_600_000;
    await expectRefusal(driver, t.message({ notBefore }), UnsupportedError);
    if (!t.capabilities.dedupe) await expectRefusal(driver, t.message({ dedupeMs: 1_000 }), UnsupportedError);
    await expectDepth(t, driver, {});
  },

  "a refusal says what to do": async (t) => {
    const driver = t.driver();
    await assert.rejects(driver.publish([t.message({ priority: t.capabilities.priorityLevels })]), (error: Error) => {
      assert.ok(error.message.length > 30, error.message);
      assert.match(error.message, /priorit/i);
      return true;
    });
  },
});
