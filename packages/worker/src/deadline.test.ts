import { describe, expect, it } from "@jest/globals";
import { Deadline, within } from "./deadline.js";

const never = new Promise<never>(() => undefined);

describe("deadline", () => {
  it("passes", async () => {
    const deadline = new Deadline(5);
    expect(deadline.hasPassed).toBe(false);
    await deadline.passed;
    expect(deadline.hasPassed).toBe(true);
  });

  it("can be brought forward, not put off", async () => {
    const deadline = new Deadline(3_600_000);
    deadline.tighten(5);
    deadline.tighten(3_600_000);
    await deadline.passed;
    expect(deadline.hasPassed).toBe(true);
  });

  it("takes times that are longer than a timer", async () => {
    const deadline = new Deadline(1e15);
    await new Promise((resolve) => setImmediate(resolve));
    expect(deadline.hasPassed).toBe(false);
    deadline.cancel();
  });
});

describe("within", () => {
  it("tells whether something ended in time", async () => {
    await expect(within(60_000, Promise.resolve(5))).resolves.toBe(true);
    await expect(within(5, never)).resolves.toBe(false);
  });

  it("rejects as it does", async () => {
    await expect(within(60_000, Promise.reject(new Error("x")))).rejects.toThrow("x");
  });
});
