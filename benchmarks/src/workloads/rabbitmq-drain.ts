import { prefetchFor } from "../contenders/rabbitmq-client.js";
import { draining } from "../measures/draining.js";
import type { Comparison, RoundCount, Workload } from "../workload.js";

const CHICORY = "Chicory worker";
const CONSUMER = "rabbitmq-client createConsumer";
const CHANNEL = "rabbitmq-client channel, multiple acks";
const AMQPLIB = "amqplib channel, multiple acks";
const RASCAL = "rascal";

/** Executing tasks of a quorum queue that do nothing, up to a hundred at once. */
export const rabbitmqDrain = drainAt(100, { quick: 15_000, full: 100_000 }, [
  { subject: { contender: CHICORY }, reference: { contender: CONSUMER }, target: { atLeast: 1.35 } },
  { subject: { contender: CHICORY }, reference: { contender: CHANNEL }, target: { atLeast: 0.9 } },
  { subject: { contender: CHICORY }, reference: { contender: RASCAL }, target: { atLeast: 1.5 } },
  { subject: { contender: CHICORY }, reference: { contender: AMQPLIB } },
]);

/** The same with few at once: the server waits for acks most of the time. */
export const rabbitmqDrainTen = drainAt(10, { quick: 8_000, full: 50_000 }, shown());
export const rabbitmqDrainOne = drainAt(1, { quick: 2_000, full: 10_000 }, shown());

function shown(): readonly Comparison[] {
  return [CONSUMER, CHANNEL, RASCAL, AMQPLIB].map((contender) => ({
    subject: { contender: CHICORY },
    reference: { contender },
  }));
}

function drainAt(concurrency: number, tasks: RoundCount, comparisons: readonly Comparison[]): Workload {
  const prefetch = prefetchFor(concurrency);
  return {
    name: concurrency === 100 ? "rabbitmq-drain" : `rabbitmq-drain-${concurrency}`,
    title: `draining tasks that do nothing from a quorum queue, concurrency ${concurrency}, prefetch ${prefetch}`,
    metric: "rate",
    unit: "tasks/s",
    note: "Each client fills the queue and drains it in one process. The clock runs from the first task to the last settlement.",
    contenders: [
      {
        name: CHICORY,
        packages: ["@chicory/core", "@chicory/broker-rabbitmq", "@chicory/worker"],
        load: async () => {
          const { openChicoryRabbitmqDrainer } = await import("../contenders/chicory-rabbitmq-drainer.js");
          return draining(openChicoryRabbitmqDrainer(concurrency), tasks);
        },
      },
      {
        name: CONSUMER,
        packages: ["rabbitmq-client"],
        load: async () => {
          const { openConsumerDrainer } = await import("../contenders/rabbitmq-drainer.js");
          return draining(openConsumerDrainer(concurrency), tasks);
        },
      },
      {
        name: CHANNEL,
        packages: ["rabbitmq-client"],
        load: async () => {
          const { openChannelDrainer } = await import("../contenders/rabbitmq-drainer.js");
          return draining(openChannelDrainer(concurrency), tasks);
        },
      },
      {
        name: AMQPLIB,
        packages: ["amqplib"],
        load: async () => {
          const { openAmqplibDrainer } = await import("../contenders/amqplib-drainer.js");
          return draining(openAmqplibDrainer(prefetch), tasks);
        },
      },
      {
        name: RASCAL,
        packages: ["rascal"],
        load: async () => {
          const { openRascalDrainer } = await import("../contenders/rascal-drainer.js");
          return draining(openRascalDrainer(prefetch), tasks);
        },
      },
    ],
    comparisons,
    rounds: { quick: 7, full: 15 },
    warmUps: { quick: 1, full: 2 },
  };
}
