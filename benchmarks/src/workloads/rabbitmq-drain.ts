import { draining } from "../measures/draining.js";
import type { RoundCount, Workload } from "../workload.js";

const TASKS: RoundCount = { quick: 15_000, full: 100_000 };

/** Executing tasks of a quorum queue that do nothing, up to a hundred at once. */
export const rabbitmqDrain: Workload = {
  name: "rabbitmq-drain",
  title: "draining tasks that do nothing from a quorum queue, concurrency 100, prefetch 200",
  metric: "rate",
  unit: "tasks/s",
  note: "Each client fills the queue and drains it in one process. The clock runs from the first task to the last settlement.",
  contenders: [
    {
      name: "Chicory worker",
      packages: ["@chicory/core", "@chicory/broker-rabbitmq", "@chicory/worker"],
      load: async () => {
        const { openChicoryRabbitmqDrainer } = await import("../contenders/chicory-rabbitmq-drainer.js");
        return draining(openChicoryRabbitmqDrainer, TASKS);
      },
    },
    {
      name: "rabbitmq-client createConsumer",
      packages: ["rabbitmq-client"],
      load: async () => draining((await import("../contenders/rabbitmq-drainer.js")).openConsumerDrainer, TASKS),
    },
    {
      name: "rabbitmq-client channel, multiple acks",
      packages: ["rabbitmq-client"],
      load: async () => draining((await import("../contenders/rabbitmq-drainer.js")).openChannelDrainer, TASKS),
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory worker" },
      reference: { contender: "rabbitmq-client createConsumer" },
      target: { atLeast: 1.25 },
    },
    {
      subject: { contender: "Chicory worker" },
      reference: { contender: "rabbitmq-client channel, multiple acks" },
      target: { atLeast: 0.8 },
    },
  ],
  rounds: { quick: 9, full: 15 },
  warmUps: { quick: 1, full: 2 },
};
