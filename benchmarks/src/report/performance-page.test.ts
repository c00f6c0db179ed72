import { describe, expect, it } from "@jest/globals";
import type { WorkloadResult } from "../run/results.js";
import { summarize } from "../statistics.js";
import type { JsonReport } from "./json-report.js";
import { performancePage } from "./performance-page.js";

const TEMPLATE = "{{run}}\n{{versions}}\n{{goals}}\n{{missed}}\n{{workloads}}";

const drain: WorkloadResult = {
  workload: { name: "drain", title: "draining tasks", metric: "rate", unit: "tasks/s", note: "A caveat." },
  contenders: [
    { name: "Chicory worker", isOwn: true, samples: [{ rate: 80_000 }] },
    { name: "BullMQ worker", samples: [{ rate: 8_000 }] },
    { name: "groupmq worker", samples: [], broken: "it lost a message" },
  ],
  comparisons: [
    {
      subject: "Chicory worker",
      reference: "BullMQ worker",
      ratios: [10],
      ratio: summarize([10]),
      cpuRatio: undefined,
      target: { atLeast: 8 },
      met: true,
    },
  ],
};

function report(workload: WorkloadResult, overrides: Partial<JsonReport> = {}): JsonReport {
  return {
    startedAt: "2030-01-02T03:04:05.678Z",
    durationSeconds: 90,
    quick: false,
    payloadBytes: 100,
    machine: { cores: 2, cpu: "a processor", memoryGiB: 8, system: "Linux 6", node: "v20.20.0", loadBefore: 0.1 },
    versions: { bullmq: "6.7.0" },
    suites: [{ suite: "redis", server: "Redis 7", workloads: [workload] }],
    ...overrides,
  };
}

describe("performancePage", () => {
  it("says where, when, and of which versions the figures are", async () => {
    const { text } = await performancePage(report(drain), TEMPLATE);
    for (const part of ["a processor", "v20.20.0", "Redis 7", "2030-01-02T03:04Z", "1.5 minutes", "bullmq 6.7.0"]) {
      expect(text).toContain(part);
    }
  });

  it("has a row for each goal, also for one that was not drawn", async () => {
    const { text } = await performancePage(report(drain), TEMPLATE);
    expect(text).toContain("| drain, concurrency 100 | BullMQ worker | >= 8 | 10.00 | one round | met |");
    expect(text).toContain("| start-up to the first task | BullMQ worker script |  | not drawn |");
  });

  it("has table, ratios, caveat and chart of each workload", async () => {
    const { text, charts } = await performancePage(report(drain), TEMPLATE);
    expect(text).toContain("| Chicory worker | 80,000 |");
    expect(text).toContain("A caveat.");
    expect(text).toContain("![draining tasks](performance/drain.svg)");
    expect([...charts.keys()]).toEqual(["drain.svg"]);
    expect(charts.get("drain.svg")).toContain("BullMQ worker");
  });

  it("draws each bar of Chicory in the strong colour, and no other", async () => {
    const own = /#c2571a/g;
    const both = { ...drain, contenders: drain.contenders.map((contender) => ({ ...contender, isOwn: true })) };
    const strong = async (result: WorkloadResult) =>
      (await performancePage(report(result), TEMPLATE)).charts.get("drain.svg")?.match(own);
    expect(await strong(drain)).toHaveLength(1);
    expect(await strong(both)).toHaveLength(2);
  });

  it("says which contender is broken, and draws no bar for it", async () => {
    const { text, charts } = await performancePage(report(drain), TEMPLATE);
    expect(text).toContain("**Broken:** groupmq worker: it lost a message");
    expect(charts.get("drain.svg")).not.toContain("groupmq");
  });

  it("names what was missed", async () => {
    const [comparison] = drain.comparisons;
    const missed = { ...drain, comparisons: comparison ? [{ ...comparison, met: false }] : [] };
    const { text } = await performancePage(report(missed), TEMPLATE);
    expect(text).toContain("Missed in this run: drain against BullMQ worker.");
    expect((await performancePage(report(drain), TEMPLATE)).text).toContain("Every target of this run was met.");
  });

  it("warns of a busy machine and of a quick run by the run's own data", async () => {
    const busy = report(drain, { quick: true, machine: { ...report(drain).machine, loadBefore: 9 } });
    const { text } = await performancePage(busy, TEMPLATE);
    expect(text).toContain("busy");
    expect(text).toContain("quick");
  });
});
