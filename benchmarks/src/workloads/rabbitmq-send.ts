import { sending } from "../measures/sending.js";
import type { Workload } from "../workload.js";

const CHICORY = "Chicory send";
const CHANNEL = "rabbitmq-client confirm channel";
const AMQPLIB = "amqplib confirm channel";
const RASCAL = "rascal publish";

/** Single sends to a quorum queue, so many of them under way all the time, each confirmed by the server. */
export const rabbitmqSend = sendWith(100);
export const rabbitmqSendThousand = sendWith(1_000);

function sendWith(inFlight: number): Workload {
  const pattern = { inFlight, batch: 1 };
  return {
    name: inFlight === 100 ? "rabbitmq-send" : `rabbitmq-send-${inFlight}`,
    title: `confirmed single sends to a quorum queue, ${inFlight.toLocaleString("en")} in flight`,
    metric: "rate",
    unit: "messages/s",
    contenders: [
      {
        name: CHICORY,
        packages: ["@chicory/core", "@chicory/broker-rabbitmq"],
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
    rounds: { quick: 9, full: 21 },
    warmUps: { quick: 1, full: 2 },
  };
}
