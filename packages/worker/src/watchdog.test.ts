import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Watchdog } from "./watchdog.js";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function setUp(limitsMs: readonly number[]) {
  const calls = { looks: 0, late: [] as number[] };
  const watchdog = new Watchdog({
    limitsMs,
    onLook: () => {
      calls.looks += 1;
    },
    onHeldUp: (lateMs) => void calls.late.push(lateMs),
  });
  return { watchdog, calls };
}

describe("watchdog", () => {
  it("looks every second, and more often where a limit is shorter", async () => {
    const { watchdog, calls } = setUp([60_000, 0]);
    watchdog.start(false);
    watchdog.start(false);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(calls.looks).toBe(3);
    watchdog.stop();
    const often = setUp([60_000, 400]);
    often.watchdog.start(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(often.calls.looks).toBe(10);
    often.watchdog.stop();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(often.calls.looks).toBe(10);
  });

  it("notices that the event loop was held up", async () => {
    const { watchdog, calls } = setUp([]);
    watchdog.start(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls.late).toEqual([]);
    const now = performance.now();
    jest.spyOn(performance, "now").mockReturnValue(now + 10_000);
    await jest.advanceTimersByTimeAsync(1_000);
    jest.restoreAllMocks();
    expect(calls.late).toEqual([9_000]);
    watchdog.stop();
  });
});
