import { describe, expect, it } from "@jest/globals";
import { longestTaskMs, UNTIMED_TASK_MS } from "./longest-task.js";

describe("how long a task may take", () => {
  it("is the longest time-out with its grace", () => {
    expect(longestTaskMs([{ timeoutMs: 30_000 }, { timeoutMs: 90_000 }, { timeoutMs: 1 }], 5_000)).toBe(95_000);
  });

  it("counts a task without one as ten minutes, and lets longer ones be longer", () => {
    expect(longestTaskMs([{ timeoutMs: 30_000 }, { timeoutMs: undefined }], 0)).toBe(UNTIMED_TASK_MS);
    expect(longestTaskMs([{ timeoutMs: 7_200_000 }, { timeoutMs: undefined }], 5_000)).toBe(7_205_000);
  });
});
