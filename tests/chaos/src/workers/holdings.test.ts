import { closeSync, openSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { type Holdings, holdings, piledUp } from "./holdings.js";

const MEGABYTE = 1_048_576;

describe("what a process holds", () => {
  it("has every timer that keeps it from ending, every open file, and what is not garbage", () => {
    const before = holdings();
    const timers = Array.from({ length: 20 }, () => setTimeout(() => undefined, 60_000));
    const files = Array.from({ length: 20 }, () => openSync(process.execPath, "r"));
    const kept = Array.from({ length: MEGABYTE }, (_, index) => ({ index, text: `kept ${index}` }));
    const after = holdings();
    for (const timer of timers) clearTimeout(timer);
    for (const file of files) closeSync(file);
    expect(after.timers).toBe(before.timers + timers.length);
    if (before.descriptors !== undefined) expect(after.descriptors).toBe(before.descriptors + files.length);
    expect(after.heapMb).toBeGreaterThan(before.heapMb + (kept.length * 16) / MEGABYTE);
  });

  it("does not have what was let go", () => {
    const before = holdings();
    Array.from({ length: MEGABYTE }, (_, index) => ({ index, text: `garbage ${index}` }));
    const after = holdings();
    expect(piledUp(before, after)).toEqual([]);
  });
});

describe("what has piled up", () => {
  const before: Holdings = { timers: 2, descriptors: 20, heapMb: 10 };

  it("is what grew by more than a first task explains", () => {
    const after: Holdings = { timers: 40, descriptors: 60, heapMb: 50 };
    expect(piledUp(before, after)).toEqual([
      "40 timers in place of 2",
      "60 open files in place of 20",
      "50 MB of heap in place of 10",
    ]);
  });

  it("is nothing where little more is held, or less, or nobody knows", () => {
    expect(piledUp(before, { timers: 5, descriptors: 25, heapMb: 14 })).toEqual([]);
    expect(piledUp(before, { timers: 0, descriptors: undefined, heapMb: 9 })).toEqual([]);
  });
});
