import { describe, expect, it } from "@jest/globals";
import { LONGEST_PAUSE_MS, pauseBeforeAttempt } from "./backoff.js";

describe("the pause before an attempt to connect", () => {
  it("grows up to a bound", () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 50, 5_000].map((attempt) => pauseBeforeAttempt(attempt, () => 0.999_999));
    expect(longest).toEqual([49, 99, 199, 399, 799, 999, 999, 999, 999]);
    expect(Math.max(...longest)).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
  });

  it("is spread over its whole length, so that clients do not come together", () => {
    expect(pauseBeforeAttempt(10, () => 0.5)).toBe(500);
  });

  it("is never so short that a server is hammered", () => {
    expect(pauseBeforeAttempt(0, () => 0)).toBe(10);
  });
});
