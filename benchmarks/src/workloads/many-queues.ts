import { draining } from "../measures/draining.js";
import type { Contender, RoundCount, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const TASKS: RoundCount = { quick: 10_000, full: 30_000 };

/** One worker for more and more queues. */
export const manyQueues: Workload = {
  name: "queues",
  title: "draining tasks that are spread over queues, one worker, concurrency 100 in all, at least 1 each",
  metric: "rate",
  unit: "tasks/s",
  contenders: [1, 10, 100, 1_000].map(queues),
  comparisons: [10, 100, 1_000].map((count) => ({
    subject: { contender: queuesName(count) },
    reference: { contender: queuesName(1) },
  })),
  rounds: { quick: 2, full: 2 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};

/** More and more workers of one queue. */
export const manyConsumers: Workload = {
  ...manyQueues,
  name: "consumers",
  title: "draining tasks that do nothing by several workers in one process, concurrency 10 each",
  contenders: [1, 8, 64].map(consumers),
  comparisons: [8, 64].map((count) => ({
    subject: { contender: consumersName(count) },
    reference: { contender: consumersName(1) },
  })),
};

function queues(count: number): Contender {
  return {
    name: queuesName(count),
    packages: CHICORY_REDIS,
    load: async () => {
      const { openQueuesDrainer } = await import("../contenders/queues-drainer.js");
      return draining(openQueuesDrainer(count), TASKS);
    },
  };
}

function consumers(count: number): Contender {
  return {
    name: consumersName(count),
    packages: CHICORY_REDIS,
    load: async () => {
      const { openConsumersDrainer } = await import("../contenders/consumers-drainer.js");
      return draining(openConsumersDrainer(count), TASKS);
    },
  };
}

function queuesName(count: number): string {
  return count === 1 ? "1 queue" : `${count.toLocaleString("en")} queues`;
}

function consumersName(count: number): string {
  return count === 1 ? "1 worker" : `${count} workers`;
}
