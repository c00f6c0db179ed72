import { describe, expect, it } from "@jest/globals";
import { summarize } from "../statistics.js";
import type { Target } from "../workload.js";
import { brokenContenders, farFromTarget } from "./gate.js";
import type { ComparisonResult, ContenderResult, WorkloadResult } from "./results.js";

function result(comparisons: readonly ComparisonResult[], contenders: readonly ContenderResult[] = []): WorkloadResult {
  return { workload: { name: "drain", title: "draining", metric: "rate", unit: "1/s" }, contenders, comparisons };
}

function drawn(ratio: number, target?: Target): ComparisonResult {
  const figures = { ratios: [ratio], ratio: summarize([ratio]), cpuRatio: undefined, met: undefined };
  return { subject: "a", reference: "b", ...figures, target };
}

describe("farFromTarget", () => {
  it("lets a ratio pass that misses its target by less than half", () => {
    expect(farFromTarget([result([drawn(0.5, { atLeast: 1 }), drawn(2, { atMost: 1 })])])).toEqual([]);
  });

  it("names a ratio below half of what it is to be at least", () => {
    expect(farFromTarget([result([drawn(0.49, { atLeast: 1 })])])).toEqual(["drain: a against b is at 0.49"]);
  });

  it("names a ratio above twice of what it may be at most", () => {
    expect(farFromTarget([result([drawn(1.7, { atMost: 0.8 })])])).toHaveLength(1);
  });

  it("has no opinion on a ratio that is only shown", () => {
    expect(farFromTarget([result([drawn(0.01)])])).toEqual([]);
  });
});

describe("brokenContenders", () => {
  it("names who is broken, where, and why", () => {
    const contenders = [
      { name: "one", samples: [{ rate: 1 }] },
      { name: "two", samples: [], broken: "it lost a message" },
    ];
    expect(brokenContenders([result([], contenders)])).toEqual(["drain: two: it lost a message"]);
  });
});
