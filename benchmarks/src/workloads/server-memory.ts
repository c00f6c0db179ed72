import type { Measure, RoundCount, Workload } from "../workload.js";

const PACKAGES = ["@chicory/core", "@chicory/broker-redis", "@chicory/worker"];

const TASKS: RoundCount = { quick: 200_000, full: 1_000_000 };

/** Whether the server's memory is free again when the queue is. */
export const serverMemoryWorkload: Workload = {
  name: "server-memory",
  title: "memory of the server after a drain, against before",
  metric: "after",
  unit: "KiB",
  contenders: [{ name: "Chicory", packages: PACKAGES, load }],
  comparisons: [
    {
      subject: { contender: "Chicory" },
      reference: { contender: "Chicory", metric: "before" },
      target: { atMost: 1.05 },
    },
  ],
  rounds: { quick: 1, full: 1 },
  warmUps: { quick: 0, full: 0 },
};

async function load(): Promise<Measure> {
  const { serverMemory } = await import("../measures/server-memory.js");
  return serverMemory(TASKS);
}
