import { type SendingPattern, sending } from "../measures/sending.js";
import type { Workload } from "../workload.js";
import { CHICORY_RABBITMQ } from "./packages.js";

const CHICORY = "Chicory send";
const CHANNEL = "rabbitmq-client confirm channel";
const AMQPLIB = "amqplib confirm channel";
const RASCAL = "rascal publish";

/** Single sends to a quorum queue, so many of them under way all the time, each confirmed by the server. */
export const rabbitmqSend: Workload = {
  ...sendBy({ inFlight: 100, batch: 1 }),
  name: "rabbitmq-send",
  title: "confirmed single sends to a quorum queue, 100 in flight",
};
export const rabbitmqSendThousand: Workload = {
  ...sendBy({ inFlight: 1_000, batch: 1 }),
  name: "rabbitmq-send-1000",
  title: "confirmed single sends to a quorum queue, 1,000 in flight",
};

/** Batches, whose messages the others publish without waiting for each other. */
export const rabbitmqSendBatches: Workload = {
  ...withoutTargets(sendBy({ inFlight: 1, batch: 1_000 })),
  name: "rabbitmq-send-batches",
  title: "sending batches of 1,000 to a quorum queue, one after another",
};

/** Larger payloads. */
export const rabbitmqSendLarge: Workload = {
  ...withoutTargets(sendBy({ inFlight: 100, batch: 1, payloadBytes: 16_384 })),
  name: "rabbitmq-send-16k",
  title: "confirmed single sends of 16 KiB to a quorum queue, 100 in flight",
};

function withoutTargets(workload: Omit<Workload, "name" | "title">): Omit<Workload, "name" | "title"> {
  return {
    ...workload,
    comparisons: workload.comparisons.map(({ subject, reference }) => ({ subject, reference })),
    rounds: { quick: 3, full: 2 },
    onlyFull: true,
  };
}

function sendBy(pattern: SendingPattern): Omit<Workload, "name" | "title"> {
  return {
    metric: "rate",
    unit: "messages/s",
    contenders: [
      {
        name: CHICORY,
        packages: CHICORY_RABBITMQ,
        load: async () => {
          const { openChicoryRabbitmqProducer } = await import("../contenders/chicory-rabbitmq-producer.js");
          return sending(openChicoryRabbitmqProducer, pattern);
        },
      },
      {
        name: CHANNEL,
        packages: ["rabbitmq-client"],
        load: async () => sending((await import("../contenders/rabbitmq-producer.js")).openRabbitmqProducer, pattern),
      },
      {
        name: AMQPLIB,
        packages: ["amqplib"],
        load: async () => sending((await import("../contenders/amqplib-producer.js")).openAmqplibProducer, pattern),
      },
      {
        name: RASCAL,
        packages: ["rascal"],
        load: async () => sending((await import("../contenders/rascal-producer.js")).openRascalProducer, pattern),
      },
    ],
    comparisons: [
      { subject: { contender: CHICORY }, reference: { contender: CHANNEL }, target: { atLeast: 0.95 } },
      { subject: { contender: CHICORY }, reference: { contender: AMQPLIB } },
      { subject: { contender: CHICORY }, reference: { contender: RASCAL } },
    ],
    rounds: { quick: 3, full: 5 },
    warmUps: { quick: 1, full: 1 },
  };
}
