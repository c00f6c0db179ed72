import { prefetchFor } from "../contenders/rabbitmq-client.js";
import { draining, type TaskKind } from "../measures/draining.js";
import type { Comparison, RoundCount, Workload } from "../workload.js";
import { DRAIN_CLOCK } from "./drain-clock.js";
import { CHICORY_RABBITMQ } from "./packages.js";

const CHICORY = "Chicory worker";
const CONSUMER = "rabbitmq-client createConsumer";
const CHANNEL = "rabbitmq-client channel, multiple acks";
const AMQPLIB = "amqplib channel, multiple acks";
const RASCAL = "rascal";

/** Tasks of one round; fewer where a contender is slow, since it is the rate that is compared. */
interface Sizes {
  readonly tasks: RoundCount;
  readonly fewerTasks: RoundCount;
}

const plain: Sizes = { tasks: { quick: 20_000, full: 50_000 }, fewerTasks: { quick: 8_000, full: 20_000 } };

/** Executing tasks of a quorum queue that do nothing, up to a hundred at once. */
export const rabbitmqDrain: Workload = drainAt(100, plain, [
  { subject: { contender: CHICORY }, reference: { contender: CONSUMER }, target: { atLeast: 1.35 } },
  { subject: { contender: CHICORY }, reference: { contender: CHANNEL }, target: { atLeast: 0.9 } },
  { subject: { contender: CHICORY }, reference: { contender: RASCAL }, target: { atLeast: 1.5 } },
  { subject: { contender: CHICORY }, reference: { contender: AMQPLIB } },
]);

/** The same with few at once: the server waits for acks most of the time. */
export const rabbitmqDrainTen: Workload = {
  ...drainAt(10, alike({ quick: 4_000, full: 10_000 }), shown()),
  ...varied(),
};
export const rabbitmqDrainOne: Workload = {
  ...drainAt(1, alike({ quick: 2_000, full: 3_000 }), shown()),
  ...varied(),
};

/** Larger payloads. */
export const rabbitmqDrainLarge: Workload = {
  ...drainAt(100, alike({ quick: 2_000, full: 4_000 }), shown(), { payloadBytes: 16_384 }),
  ...varied(),
  name: "rabbitmq-drain-16k",
  title: "draining tasks with payloads of 16 KiB from a quorum queue, concurrency 100",
};

function alike(tasks: RoundCount): Sizes {
  return { tasks, fewerTasks: tasks };
}

function varied(): Pick<Workload, "rounds" | "warmUps" | "onlyFull"> {
  return { rounds: { quick: 3, full: 2 }, warmUps: { quick: 1, full: 1 }, onlyFull: true };
}

function shown(): readonly Comparison[] {
  return [CONSUMER, CHANNEL, RASCAL, AMQPLIB].map((contender) => ({
    subject: { contender: CHICORY },
    reference: { contender },
  }));
}

function drainAt(
  concurrency: number,
  { tasks, fewerTasks }: Sizes,
  comparisons: readonly Comparison[],
  kind: TaskKind = {},
): Workload {
  const prefetch = prefetchFor(concurrency);
  return {
    name: concurrency === 100 ? "rabbitmq-drain" : `rabbitmq-drain-${concurrency}`,
    title: `draining tasks that do nothing from a quorum queue, concurrency ${concurrency}, prefetch ${prefetch}`,
    metric: "rate",
    unit: "tasks/s",
    note: `Each client fills the queue and drains it in one process. ${DRAIN_CLOCK}`,
    contenders: [
      {
        name: CHICORY,
        packages: CHICORY_RABBITMQ,
        load: async () => {
          const { openChicoryRabbitmqDrainer } = await import("../contenders/chicory-rabbitmq-drainer.js");
          return draining(openChicoryRabbitmqDrainer(concurrency), tasks, kind);
        },
      },
      {
        name: CONSUMER,
        packages: ["rabbitmq-client"],
        load: async () => {
          const { openConsumerDrainer } = await import("../contenders/rabbitmq-drainer.js");
          return draining(openConsumerDrainer(concurrency), fewerTasks, kind);
        },
      },
      {
        name: CHANNEL,
        packages: ["rabbitmq-client"],
        load: async () => {
          const { openChannelDrainer } = await import("../contenders/rabbitmq-drainer.js");
          return draining(openChannelDrainer(concurrency), tasks, kind);
        },
      },
      {
        name: AMQPLIB,
        packages: ["amqplib"],
        load: async () => {
          const { openAmqplibDrainer } = await import("../contenders/amqplib-drainer.js");
          return draining(openAmqplibDrainer(prefetch), tasks, kind);
        },
      },
      {
        name: RASCAL,
        packages: ["rascal"],
        load: async () => {
          const { openRascalDrainer } = await import("../contenders/rascal-drainer.js");
          return draining(openRascalDrainer(prefetch), fewerTasks, kind);
        },
      },
    ],
    comparisons,
    rounds: { quick: 3, full: 4 },
    warmUps: { quick: 1, full: 1 },
  };
}
