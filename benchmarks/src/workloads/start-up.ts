import type { Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const CHICORY = "chicory worker";
const BULLMQ = "BullMQ worker script";

/** How soon a new process works. */
export const startUpWorkload: Workload = {
  name: "start-up",
  title: "time from the start of a worker's process to its first task",
  metric: "ms",
  unit: "ms",
  note: "Both are started by node itself, without npx. The files that they run are in benchmarks/start-up.",
  contenders: [
    {
      name: CHICORY,
      packages: ["@chicory/cli", ...CHICORY_REDIS],
      load: async () => {
        const { chicoryWorker, startUp } = await import("../measures/start-up.js");
        const { openChicoryProducer } = await import("../contenders/chicory-producer.js");
        return startUp({ args: chicoryWorker(), producer: openChicoryProducer });
      },
    },
    {
      name: BULLMQ,
      packages: ["bullmq"],
      load: async () => {
        const { startUp } = await import("../measures/start-up.js");
        const { openBullmqProducer } = await import("../contenders/bullmq-producer.js");
        return startUp({ args: ["bullmq-worker.mjs"], producer: openBullmqProducer });
      },
    },
  ],
  comparisons: [{ subject: { contender: CHICORY }, reference: { contender: BULLMQ }, target: { atMost: 1.3 } }],
  rounds: { quick: 3, full: 7 },
  // The first start reads files that the next ones find in the system's cache.
  warmUps: { quick: 1, full: 1 },
};
