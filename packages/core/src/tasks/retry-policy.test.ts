import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DeliveryMode } from "../delivery-mode.js";
import { ConfigError } from "../errors/config-error.js";
import { type Backoff, isRetryable, type RetryOptions, resolveRetryPolicy, retryDelayMs } from "./retry-policy.js";

const policy = (options: RetryOptions = {}) => resolveRetryPolicy("t", DeliveryMode.AT_LEAST_ONCE, options);
const delays = (backoff: Backoff, maxDelayMs = 10_000) =>
  [0, 1, 2, 3, 4].map((retries) =>
    retryDelayMs(policy({ backoff, delayMs: 1_000, maxDelayMs, jitter: false }), retries, 0.5),
  );

describe("retry policy", () => {
  it("retries three times from one second by default, and not at all at most once", () => {
    expect(policy()).toMatchObject({ maxRetries: 3, delayMs: 1_000, backoff: "exponential", jitter: true });
    expect(resolveRetryPolicy("t", DeliveryMode.AT_MOST_ONCE).maxRetries).toBe(0);
  });

  it("grows by its backoff up to the longest delay", () => {
    expect(delays("fixed")).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(delays("linear", 3_500)).toEqual([1_000, 2_000, 3_000, 3_500, 3_500]);
    expect(delays("exponential")).toEqual([1_000, 2_000, 4_000, 8_000, 10_000]);
  });

  it("only ever shortens a pause by jitter, by half at most, whatever the count of retries", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Backoff>("fixed", "linear", "exponential"),
        fc.nat({ max: 1_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat({ max: 10_000 }),
        (backoff, retries, random, delayMs) => {
          const options = { backoff, delayMs, maxDelayMs: 20_000 };
          const full = retryDelayMs(policy({ ...options, jitter: false }), retries, 0);
          const drawn = retryDelayMs(policy({ ...options, jitter: true }), retries, random);
          expect(full).toBeLessThanOrEqual(20_000);
          expect(drawn).toBeLessThanOrEqual(full);
          expect(drawn).toBeGreaterThanOrEqual(full / 2);
        },
      ),
    );
  });

  it.each<[RetryOptions, string]>([
    [{ maxRetries: -1 }, "retry.maxRetries"],
    [{ maxRetries: 1.5 }, "retry.maxRetries"],
    [{ maxRetries: 1_001 }, "retry.maxRetries"],
    [{ delayMs: Number.NaN }, "retry.delayMs"],
    [{ delayMs: 1_000, maxDelayMs: 10 }, "retry.maxDelayMs"],
    [{ backoff: "cubic" as Backoff }, "retry.backoff"],
  ])("refuses %j, naming the option and the task", (options, option) => {
    expect(() => policy(options)).toThrow(ConfigError);
    expect(() => policy(options)).toThrow(`${option} of task "t"`);
  });

  it("refuses retries of a task at most once", () => {
    expect(() => resolveRetryPolicy("t", DeliveryMode.AT_MOST_ONCE, { maxRetries: 1 })).toThrow("at most once");
  });

  it("takes a function that throws for one that does not match", () => {
    const broken = (error: unknown) => (error as { response: { status: number } }).response.status === 500;
    const policy = resolveRetryPolicy("t", "at-least-once", { ignoreOn: [broken] });
    expect(isRetryable(policy, new Error("no response"))).toBe(true);
    const only = resolveRetryPolicy("t", "at-least-once", { retryOn: [broken] });
    expect(isRetryable(only, new Error("no response"))).toBe(false);
  });

  it("picks errors by class, name, code and function, and lets ignoreOn win", () => {
    const system = Object.assign(new Error("x"), { code: "ECONNRESET" });
    expect(isRetryable(policy({ retryOn: [TypeError] }), new TypeError("x"))).toBe(true);
    expect(isRetryable(policy({ retryOn: [TypeError] }), new Error("x"))).toBe(false);
    expect(isRetryable(policy({ retryOn: ["ECONNRESET"] }), system)).toBe(true);
    expect(isRetryable(policy({ retryOn: ["TypeError"] }), new TypeError("x"))).toBe(true);
    expect(isRetryable(policy({ ignoreOn: [(error) => error === 5] }), 5)).toBe(false);
    expect(isRetryable(policy({ retryOn: [Error], ignoreOn: [TypeError] }), new TypeError("x"))).toBe(false);
    expect(isRetryable(policy(), "a string was thrown")).toBe(true);
  });
});
