import { describe, expect, it } from "@jest/globals";
import { quantile, summarize } from "./statistics.js";

describe("quantile", () => {
  it("is a sample where one stands there", () => {
    expect(quantile([30, 10, 20], 0.5)).toBe(20);
    expect(quantile([30, 10, 20], 0)).toBe(10);
    expect(quantile([30, 10, 20], 1)).toBe(30);
  });

  it("lies between two samples in proportion", () => {
    expect(quantile([10, 20], 0.5)).toBe(15);
    expect(quantile([10, 20, 30, 50], 0.75)).toBe(35);
  });

  it("orders samples as numbers", () => {
    expect(quantile([9, 100, 20], 0.5)).toBe(20);
  });

  it("leaves the samples in their order", () => {
    const samples = [3, 1, 2];
    quantile(samples, 0.5);
    expect(samples).toEqual([3, 1, 2]);
  });

  it("refuses an empty series", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it("refuses a part that is none", () => {
    expect(() => quantile([1], 50)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });
});

describe("summarize", () => {
  it("gives median, quartiles and count", () => {
    expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, count: 5 });
  });

  it("gives the only sample for everything", () => {
    expect(summarize([7])).toEqual({ median: 7, low: 7, high: 7, count: 1 });
  });

  it("is not moved by one sample that was disturbed", () => {
    expect(summarize([100, 101, 99, 100, 1]).median).toBe(100);
  });
});
