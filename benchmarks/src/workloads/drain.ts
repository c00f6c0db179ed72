import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { draining } from "../measures/draining.js";
import type { Measure, RoundCount, Workload } from "../workload.js";

/** Tasks of one round; fewer where a contender is slow, since it is the rate that is compared. */
const TASKS: RoundCount = { quick: 40_000, full: 200_000 };
const FEWER_TASKS: RoundCount = { quick: 8_000, full: 40_000 };

/** Executing tasks that do nothing, up to a hundred at once. */
export const drain: Workload = {
  name: "drain",
  title: "draining tasks that do nothing, concurrency 100",
  metric: "rate",
  unit: "tasks/s",
  note: "Each client fills the queue and drains it in one process. The clock runs from the first task to the last settlement.",
  contenders: [
    {
      name: "Chicory worker",
      packages: ["@chicory/core", "@chicory/broker-redis", "@chicory/worker"],
      load: async () => draining((await import("../contenders/chicory-drainer.js")).openChicoryDrainer, TASKS),
    },
    {
      name: "ioredis XREADGROUP, XACK, XDEL",
      packages: ["ioredis"],
      load: () => loadIoredis(wholeMessage),
    },
    { name: "the same with payloads alone", packages: ["ioredis"], load: () => loadIoredis(barePayload) },
    {
      name: "joined scripts, two overlapped",
      packages: ["ioredis"],
      load: async () => draining((await import("../contenders/joined-drainer.js")).openJoinedDrainer, TASKS),
    },
    {
      name: "bee-queue worker",
      packages: ["bee-queue"],
      load: async () => draining((await import("../contenders/bee-queue-drainer.js")).openBeeQueueDrainer, FEWER_TASKS),
    },
    {
      name: "BullMQ worker",
      packages: ["bullmq", "ioredis"],
      load: async () => draining((await import("../contenders/bullmq-drainer.js")).openBullmqDrainer, FEWER_TASKS),
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory worker" },
      reference: { contender: "ioredis XREADGROUP, XACK, XDEL" },
      target: { atLeast: 1.2 },
    },
    { subject: { contender: "Chicory worker" }, reference: { contender: "the same with payloads alone" } },
    {
      subject: { contender: "Chicory worker" },
      reference: { contender: "joined scripts, two overlapped" },
      target: { atLeast: 0.55 },
    },
    {
      subject: { contender: "Chicory worker" },
      reference: { contender: "bee-queue worker" },
      target: { atLeast: 4 },
    },
    { subject: { contender: "Chicory worker" }, reference: { contender: "BullMQ worker" }, target: { atLeast: 8 } },
  ],
  rounds: { quick: 9, full: 15 },
  warmUps: { quick: 1, full: 2 },
};

async function loadIoredis(format: MessageFormat): Promise<Measure> {
  const { ioredisDrainer } = await import("../contenders/ioredis-drainer.js");
  return draining(ioredisDrainer(format), TASKS);
}
