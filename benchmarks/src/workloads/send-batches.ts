import type { SendingPattern } from "../measures/sending.js";
import { sending } from "../measures/sending.js";
import type { Workload } from "../workload.js";

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
      load: async () => sending((await import("../contenders/ioredis-producer.js")).ioredisProducer(false), pattern),
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
    { subject: { contender: "Chicory sendMany" }, reference: { contender: "BullMQ addBulk" } },
  ],
  rounds: { quick: 11, full: 21 },
  warmUps: { quick: 1, full: 2 },
};
