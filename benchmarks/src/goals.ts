import type { ComparisonResult, WorkloadResult } from "./run/results.js";

/** A ratio that the project set itself: which comparison of which workload draws it. Its target stands there. */
export interface Goal {
  readonly title: string;
  readonly workload: string;
  /** The contender that it is drawn against, by its name in the workload. */
  readonly against: string;
  /** Where the same two are compared by several metrics. */
  readonly metric?: string;
}

/** What is to be reached, in the order in which it is reported. */
export const goals: readonly Goal[] = [
  { title: "single sends, 100 in flight", workload: "send-concurrently", against: "BullMQ add" },
  { title: "single sends, 100 in flight", workload: "send-concurrently", against: "bee-queue save" },
  { title: "batches of 1,000", workload: "send-batches", against: "BullMQ addBulk" },
  { title: "batches of 1,000", workload: "send-batches", against: "bee-queue saveAll" },
  { title: "batches of 1,000", workload: "send-batches", against: "Lua loop of prepared strings" },
  { title: "drain, concurrency 100", workload: "drain", against: "BullMQ worker" },
  { title: "drain, concurrency 100", workload: "drain", against: "bee-queue worker" },
  { title: "drain, concurrency 100", workload: "drain", against: "groupmq worker" },
  { title: "drain", workload: "drain", against: "ioredis XREADGROUP, XACK, XDEL" },
  { title: "drain", workload: "drain", against: "joined scripts, two overlapped" },
  { title: "idle latency, p50", workload: "latency", against: "BullMQ" },
  { title: "idle latency, p99", workload: "latency", against: "BullMQ", metric: "p99" },
  { title: "lateness of delayed tasks, p99", workload: "delayed-spread", against: "BullMQ", metric: "p99" },
  { title: "RabbitMQ, 100 in flight", workload: "rabbitmq-send", against: "rabbitmq-client confirm channel" },
  { title: "RabbitMQ, 1,000 in flight", workload: "rabbitmq-send-1000", against: "rabbitmq-client confirm channel" },
  { title: "RabbitMQ drain", workload: "rabbitmq-drain", against: "rabbitmq-client createConsumer" },
  { title: "RabbitMQ drain", workload: "rabbitmq-drain", against: "rabbitmq-client channel, multiple acks" },
  { title: "RabbitMQ drain", workload: "rabbitmq-drain", against: "rascal" },
  { title: "drain with 1,000,000 waiting", workload: "drain-waiting", against: "10,000 waiting" },
  { title: "start-up to the first task", workload: "start-up", against: "BullMQ worker script" },
];

/** What a run says about a goal; undefined if it did not draw that ratio. */
export function outcomeOf(goal: Goal, results: readonly WorkloadResult[]): ComparisonResult | undefined {
  return results
    .find(({ workload }) => workload.name === goal.workload)
    ?.comparisons.find(
      ({ reference, metric, target }) => target !== undefined && reference === goal.against && metric === goal.metric,
    );
}
