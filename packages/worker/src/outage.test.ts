import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { Outage } from "./outage.js";

describe("outage", () => {
  it("lasts from its first failure until something works", async () => {
    const outage = new Outage();
    expect([outage.durationMs, outage.error]).toEqual([0, undefined]);
    outage.fail(new Error("first"));
    const second = new Error("second");
    await eventually(() => outage.durationMs > 5);
    outage.fail(second);
    expect(outage.durationMs).toBeGreaterThan(5);
    expect(outage.quietMs).toBeLessThan(outage.durationMs);
    expect(outage.error).toBe(second);
    outage.end();
    expect([outage.durationMs, outage.quietMs, outage.error]).toEqual([0, 0, undefined]);
  });

  it("makes pauses that double up to a limit, cut by half at most, and begin again after its end", () => {
    const outage = new Outage();
    const pauses = Array.from({ length: 20 }, () => outage.fail(new Error("x")));
    pauses.forEach((pause, index) => {
      const whole = Math.min(100 * 2 ** index, 5_000);
      expect(pause).toBeGreaterThanOrEqual(whole / 2);
      expect(pause).toBeLessThanOrEqual(whole);
    });
    outage.end();
    expect(outage.fail(new Error("x"))).toBeLessThanOrEqual(100);
  });
});
