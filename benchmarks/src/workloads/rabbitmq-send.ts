import { type SendingPattern, sending } from "../measures/sending.js";
import type { Workload } from "../workload.js";

const pattern: SendingPattern = { inFlight: 100, batch: 1 };

/** Single sends to a quorum queue, a hundred of them under way all the time, each confirmed by the server. */
export const rabbitmqSend: Workload = {
  name: "rabbitmq-send",
  title: "confirmed single sends to a quorum queue, 100 in flight",
  metric: "rate",
  unit: "messages/s",
  contenders: [
    {
      name: "Chicory send",
      packages: ["@chicory/core", "@chicory/broker-rabbitmq"],
      load: async () => {
        const { openChicoryRabbitmqProducer } = await import("../contenders/chicory-rabbitmq-producer.js");
        return sending(openChicoryRabbitmqProducer, pattern);
      },
    },
    {
      name: "rabbitmq-client confirm channel",
      packages: ["rabbitmq-client"],
      load: async () => sending((await import("../contenders/rabbitmq-producer.js")).openRabbitmqProducer, pattern),
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory send" },
      reference: { contender: "rabbitmq-client confirm channel" },
      target: { atLeast: 0.9 },
    },
  ],
  rounds: { quick: 11, full: 21 },
  warmUps: { quick: 1, full: 2 },
};
