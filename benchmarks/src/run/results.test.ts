import { describe, expect, it } from "@jest/globals";
import type { Comparison, Workload } from "../workload.js";
import { type ContenderResult, conclude, summaryOf } from "./results.js";

function workload(...comparisons: Comparison[]): Workload {
  const contender = (name: string) => ({ name, packages: [], load: () => Promise.reject(new Error("not loaded")) });
  return {
    name: "w",
    title: "a workload",
    metric: "rate",
    unit: "1/s",
    contenders: [contender("a"), contender("b")],
    comparisons,
    rounds: { quick: 1, full: 1 },
    warmUps: { quick: 0, full: 0 },
  };
}

const rates = (name: string, ...values: number[]): ContenderResult => ({
  name,
  samples: values.map((rate) => ({ rate })),
});

const aByB: Comparison = { subject: { contender: "a" }, reference: { contender: "b" } };

describe("conclude", () => {
  it("divides round by round, so that a slow round of the machine harms nobody", () => {
    const contenders = [rates("a", 200, 20, 200), rates("b", 100, 10, 100)];
    const { comparisons } = conclude(workload(aByB), contenders);
    expect(comparisons[0]?.ratios).toEqual([2, 2, 2]);
    expect(comparisons[0]?.ratio.median).toBe(2);
  });

  it("says whether a target is met, from either side", () => {
    const contenders = [rates("a", 110), rates("b", 100)];
    const met = (target: Comparison["target"] & object) =>
      conclude(workload({ ...aByB, target }), contenders).comparisons[0]?.met;
    expect(met({ atLeast: 1.1 })).toBe(true);
    expect(met({ atLeast: 1.2 })).toBe(false);
    expect(met({ atMost: 1.2 })).toBe(true);
    expect(met({ atMost: 1.05 })).toBe(false);
  });

  it("has no opinion without a target", () => {
    expect(conclude(workload(aByB), [rates("a", 1), rates("b", 1)]).comparisons[0]?.met).toBeUndefined();
  });

  it("compares two metrics of one contender", () => {
    const comparison = { subject: { contender: "a" }, reference: { contender: "a", metric: "before" } };
    const contenders = [{ name: "a", samples: [{ rate: 6, before: 4 }] }, rates("b", 1)];
    expect(conclude(workload(comparison), contenders).comparisons[0]).toMatchObject({
      subject: "a",
      reference: "before",
      ratios: [1.5],
    });
  });

  it("compares the processor time of a message as well, where it was measured", () => {
    const contenders = [
      { name: "a", samples: [{ rate: 1, clientUs: 2, serverUs: 1 }] },
      { name: "b", samples: [{ rate: 1, clientUs: 5, serverUs: 1 }] },
    ];
    expect(conclude(workload(aByB), contenders).comparisons[0]?.cpuRatio).toBe(2);
    expect(conclude(workload(aByB), [rates("a", 1), rates("b", 1)]).comparisons[0]?.cpuRatio).toBeUndefined();
  });

  it("leaves out what a broken contender is part of", () => {
    const contenders = [rates("a", 1, 1), { ...rates("b", 1), broken: "it lost a message" }];
    expect(conclude(workload(aByB), contenders).comparisons).toEqual([]);
  });

  it("leaves out whom a quick run leaves out", () => {
    expect(conclude(workload(aByB), [rates("a", 1)]).comparisons).toEqual([]);
  });

  it("names the metric of a ratio that is not of the workload's", () => {
    const side = (contender: string) => ({ contender, metric: "p99" });
    const contenders = ["a", "b"].map((name) => ({ name, samples: [{ rate: 1, p99: 3 }] }));
    const { comparisons } = conclude(workload({ subject: side("a"), reference: side("b") }), contenders);
    expect(comparisons[0]).toMatchObject({ subject: "a", reference: "b", metric: "p99", ratios: [1] });
  });

  it("refuses a comparison with a contender that does not exist", () => {
    expect(() => conclude(workload({ ...aByB, reference: { contender: "c" } }), [rates("a", 1)])).toThrow('"c"');
  });
});

describe("summaryOf", () => {
  it("knows nothing of a metric that was not measured", () => {
    expect(summaryOf(rates("a", 1, 2, 3), "rate")?.median).toBe(2);
    expect(summaryOf(rates("a", 1), "latency")).toBeUndefined();
  });
});
