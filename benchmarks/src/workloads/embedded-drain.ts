import { draining } from "../measures/draining.js";
import type { RoundCount, Workload } from "../workload.js";

const TASKS: RoundCount = { quick: 100_000, full: 200_000 };

/** Executing tasks of the embedded broker, against calling the function. */
export const embeddedDrain: Workload = {
  name: "embedded-drain",
  title: "draining tasks that do nothing on the embedded broker, concurrency 100",
  metric: "rate",
  unit: "tasks/s",
  contenders: [
    {
      name: "Chicory worker",
      packages: ["@chicory/core", "@chicory/broker-memory", "@chicory/worker"],
      load: async () => draining((await import("../contenders/memory-drainer.js")).openMemoryDrainer, TASKS),
    },
    {
      name: "promise pool",
      packages: [],
      load: async () => draining((await import("../contenders/promise-pool.js")).openPromisePool, TASKS),
    },
  ],
  comparisons: [{ subject: { contender: "Chicory worker" }, reference: { contender: "promise pool" } }],
  rounds: { quick: 3, full: 5 },
  warmUps: { quick: 1, full: 1 },
};
