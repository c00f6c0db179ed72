import { describe, expect, it } from "@jest/globals";
import { payload, payloads } from "../payload.js";
import { Tally } from "./tally.js";

describe("Tally", () => {
  it("is content when each task was executed once, in any order", () => {
    const tally = new Tally(3);
    for (const index of [2, 0, 1]) tally.add(payload(index));
    expect(tally.count).toBe(3);
    tally.assertEachOnce();
  });

  it("tells that one is missing", () => {
    const tally = new Tally(3);
    for (const one of payloads(0, 2)) tally.add(one);
    expect(() => tally.assertEachOnce()).toThrow("1 were not executed");
  });

  it("tells that one was executed twice although the count fits", () => {
    const tally = new Tally(2);
    tally.add(payload(1));
    tally.add(payload(1));
    expect(() => tally.assertEachOnce()).toThrow("1 were not executed and 1 more than once");
  });

  it("tells that a task came that nobody sent", () => {
    const tally = new Tally(1);
    tally.add(payload(0));
    tally.add(payload(5));
    expect(() => tally.assertEachOnce()).toThrow("strangers");
  });

  it("knows when the first one was executed", () => {
    const tally = new Tally(1);
    expect(() => tally.firstAt).toThrow("No task was executed");
    tally.add(payload(0));
    expect(tally.firstAt).toBeLessThanOrEqual(performance.now());
  });
});
