import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { type SendingPattern, sending } from "../measures/sending.js";
import type { Measure, Workload } from "../workload.js";

const pattern: SendingPattern = { inFlight: 1, batch: 1_000 };

/** Batches, one after another. */
export const sendBatches: Workload = {
  name: "send-batches",
  title: "sending batches of 1,000, one after another",
  metric: "rate",
  unit: "messages/s",
  contenders: [
    {
      name: "Chicory sendMany",
      packages: ["@chicory/core", "@chicory/broker-redis"],
      load: async () => sending((await import("../contenders/chicory-producer.js")).openChicoryProducer, pattern),
    },
    {
      name: "ioredis pipeline of XADD",
      packages: ["ioredis"],
      load: () => loadIoredis(wholeMessage),
    },
    { name: "the same with payloads alone", packages: ["ioredis"], load: () => loadIoredis(barePayload) },
    {
      name: "Lua loop of prepared strings",
      packages: ["ioredis"],
      load: async () => sending((await import("../contenders/lua-producer.js")).openLuaProducer, pattern),
    },
    {
      name: "bee-queue saveAll",
      packages: ["bee-queue"],
      load: async () => sending((await import("../contenders/bee-queue-producer.js")).openBeeQueueProducer, pattern),
    },
    {
      name: "BullMQ addBulk",
      packages: ["bullmq", "ioredis"],
      load: async () => sending((await import("../contenders/bullmq-producer.js")).openBullmqProducer, pattern),
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory sendMany" },
      reference: { contender: "ioredis pipeline of XADD" },
      target: { atLeast: 2 },
    },
    { subject: { contender: "Chicory sendMany" }, reference: { contender: "the same with payloads alone" } },
    {
      subject: { contender: "Chicory sendMany" },
      reference: { contender: "Lua loop of prepared strings" },
      target: { atLeast: 0.8 },
    },
    {
      subject: { contender: "Chicory sendMany" },
      reference: { contender: "bee-queue saveAll" },
      target: { atLeast: 2.5 },
    },
    {
      subject: { contender: "Chicory sendMany" },
      reference: { contender: "BullMQ addBulk" },
      target: { atLeast: 10 },
    },
  ],
  rounds: { quick: 9, full: 21 },
  warmUps: { quick: 1, full: 2 },
};

async function loadIoredis(format: MessageFormat): Promise<Measure> {
  const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
  return sending(ioredisProducer({ format, autoPipelining: false }), pattern);
}
