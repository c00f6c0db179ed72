import type { Measure, RoundCount, Workload } from "../workload.js";

const PACKAGES = ["@chicory/core", "@chicory/broker-redis", "@chicory/worker"];

/** Tasks that the worker executes in each round. */
const TASKS: RoundCount = { quick: 100_000, full: 300_000 };

/** Whether a worker's memory grows with what waits on the server. */
export const workerMemoryWorkload: Workload = {
  name: "worker-memory",
  title: "most memory of a worker's process while it drains",
  metric: "rss",
  unit: "MiB",
  contenders: [
    { name: "10,000 tasks waiting", packages: PACKAGES, load: () => load(10_000) },
    { name: "1,000,000 tasks waiting", packages: PACKAGES, load: () => load(1_000_000) },
  ],
  comparisons: [
    {
      subject: { contender: "1,000,000 tasks waiting" },
      reference: { contender: "10,000 tasks waiting" },
      target: { atMost: 1.2 },
    },
  ],
  rounds: { quick: 1, full: 1 },
  // Each round starts a worker's process of its own: there is nothing to warm up.
  warmUps: { quick: 0, full: 0 },
};

async function load(waiting: number): Promise<Measure> {
  const { workerMemory } = await import("../measures/worker-memory.js");
  return workerMemory(waiting, TASKS);
}
