import { describe, expect, it } from "@jest/globals";
import type { WorkloadResult } from "../run/results.js";
import { summarize } from "../statistics.js";
import { machineLines, ratioLines, workloadLines } from "./text-report.js";

const workload = { name: "drain", title: "draining", metric: "rate", unit: "tasks/s" };

function result(overrides: Partial<WorkloadResult> = {}): WorkloadResult {
  return {
    workload,
    contenders: [
      { name: "one", samples: [{ rate: 50_000, clientUs: 12.34 }] },
      { name: "two", samples: [{ rate: 25_000, clientUs: 30 }] },
    ],
    comparisons: [
      {
        subject: "one",
        reference: "two",
        ratios: [2],
        ratio: summarize([2]),
        cpuRatio: 1.8,
        target: { atLeast: 3 },
        met: false,
      },
    ],
    ...overrides,
  };
}

describe("workloadLines", () => {
  it("has a row for each contender, and the costs that were measured", () => {
    const text = workloadLines(result()).join("\n");
    expect(text).toContain("draining");
    expect(text).toMatch(/one +50,000 +one round +12\.3/);
    expect(text).not.toContain("server us");
  });

  it("says which contender is broken and why", () => {
    const contenders = [{ name: "one", samples: [], broken: "it lost 3 messages" }];
    const text = workloadLines(result({ contenders })).join("\n");
    expect(text).toMatch(/one +BROKEN/);
    expect(text).toContain("BROKEN: one: it lost 3 messages");
  });

  it("ends with the caveat", () => {
    expect(workloadLines(result({ workload: { ...workload, note: "A caveat." } })).at(-1)).toContain("A caveat.");
  });
});

describe("ratioLines", () => {
  it("shows ratio, target and verdict", () => {
    expect(ratioLines([result()]).at(-1)).toMatch(/drain +one +two +2\.00 +one round +>= 3 +MISSED +1\.80/);
  });
});

describe("machineLines", () => {
  const machine = { cores: 2, cpu: "x", memoryGiB: 4, system: "Linux", node: "v20.19.0", loadBefore: 0.1 };

  it("warns on a busy machine", () => {
    expect(machineLines({ ...machine, loadBefore: 5 }, false).join("\n")).toContain("busy");
    expect(machineLines(machine, false).join("\n")).not.toContain("busy");
  });

  it("says that a run was quick", () => {
    expect(machineLines(machine, true).join("\n")).toContain("quick");
  });
});
