import { describe, expect, it } from "@jest/globals";
import { systemClock } from "./clock.js";

/** Timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

describe("the system clock", () => {
  it("wakes not before the time", async () => {
    const at = systemClock.now() + 20;
    await new Promise<void>((resolve) => systemClock.schedule(at, resolve, true));
    expect(Date.now()).toBeGreaterThanOrEqual(at);
  });

  it("wakes at once for a time that is past", async () => {
    await new Promise<void>((resolve) => systemClock.schedule(0, resolve, true));
  });

  it("keeps the process alive only on request", () => {
    const before = timers();
    const cancelQuiet = systemClock.schedule(Date.now() + 60_000, () => undefined);
    expect(timers()).toBe(before);
    const cancel = systemClock.schedule(Date.now() + 60_000, () => undefined, true);
    expect(timers()).toBe(before + 1);
    cancel();
    cancelQuiet();
    expect(timers()).toBe(before);
  });

  it("takes times that are further away than a timer can wait", () => {
    let woken = false;
    const cancel = systemClock.schedule(Date.now() + 10 ** 12, () => {
      woken = true;
    });
    expect(woken).toBe(false);
    cancel();
  });
});
