import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { type SendingPattern, sending } from "../measures/sending.js";
import type { Measure, Workload } from "../workload.js";

const pattern: SendingPattern = { inFlight: 100, batch: 1 };

/** Single sends, a hundred of them under way all the time. */
export const sendConcurrently: Workload = {
  name: "send-concurrently",
  title: "single sends, 100 in flight",
  metric: "rate",
  unit: "messages/s",
  contenders: [
    {
      name: "Chicory send",
      packages: ["@chicory/core", "@chicory/broker-redis"],
      load: async () => sending((await import("../contenders/chicory-producer.js")).openChicoryProducer, pattern),
    },
    {
      name: "ioredis XADD, autopipelined",
      packages: ["ioredis"],
      load: () => loadIoredis(wholeMessage),
    },
    { name: "the same with payloads alone", packages: ["ioredis"], load: () => loadIoredis(barePayload) },
    {
      name: "bee-queue save",
      packages: ["bee-queue"],
      load: async () => sending((await import("../contenders/bee-queue-producer.js")).openBeeQueueProducer, pattern),
    },
    {
      name: "BullMQ add",
      packages: ["bullmq", "ioredis"],
      load: async () => sending((await import("../contenders/bullmq-producer.js")).openBullmqProducer, pattern),
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory send" },
      reference: { contender: "ioredis XADD, autopipelined" },
      target: { atLeast: 1.5 },
    },
    { subject: { contender: "Chicory send" }, reference: { contender: "the same with payloads alone" } },
    { subject: { contender: "Chicory send" }, reference: { contender: "bee-queue save" }, target: { atLeast: 1.6 } },
    { subject: { contender: "Chicory send" }, reference: { contender: "BullMQ add" }, target: { atLeast: 5 } },
  ],
  rounds: { quick: 9, full: 21 },
  warmUps: { quick: 1, full: 2 },
};

async function loadIoredis(format: MessageFormat): Promise<Measure> {
  const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
  return sending(ioredisProducer({ format, autoPipelining: true }), pattern);
}
