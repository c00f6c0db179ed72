import type { OpenRelay } from "../contenders/relay.js";
import type { RoundCount, Workload } from "../workload.js";
import {
  BEE_QUEUE,
  BULLMQ,
  beeQueueRelay,
  bullmqRelay,
  CHICORY,
  chicoryRabbitmqRelay,
  chicoryRelay,
} from "./relays.js";

const TASKS: RoundCount = { quick: 4_000, full: 20_000 };

async function measure(open: OpenRelay) {
  return (await import("../measures/failing.js")).failing(open, TASKS);
}

/** Retries and dead letters. */
export const failingTasks: Workload = {
  name: "failing",
  title: "20,000 tasks that fail twice and are kept as failed",
  metric: "rate",
  unit: "tasks/s",
  note: "Two attempts each, without a pause between them. BullMQ and bee-queue keep failed jobs, Chicory dead letters.",
  contenders: [chicoryRelay(measure), bullmqRelay(measure), beeQueueRelay(measure)],
  comparisons: [
    { subject: { contender: CHICORY }, reference: { contender: BULLMQ } },
    { subject: { contender: CHICORY }, reference: { contender: BEE_QUEUE } },
  ],
  rounds: { quick: 1, full: 1 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};

export const rabbitmqFailing: Workload = {
  ...failingTasks,
  name: "rabbitmq-failing",
  title: "20,000 tasks on RabbitMQ that fail twice and become dead letters",
  note: "Two attempts each, without a pause between them.",
  contenders: [chicoryRabbitmqRelay(measure)],
  comparisons: [],
};
