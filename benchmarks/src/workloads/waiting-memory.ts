import type { OpenProducer } from "../contenders/producer.js";
import type { Contender, RoundCount, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const TASKS: RoundCount = { quick: 10_000, full: 50_000 };

const CHICORY = "Chicory";
const XADD = "ioredis XADD of the payload alone";

/** What a task that waits takes on the server. */
export const waitingMemory: Workload = {
  name: "waiting-memory",
  title: "memory of the server for a task that waits, payload of 100 bytes",
  metric: "bytes",
  unit: "bytes",
  contenders: [
    contender(
      CHICORY,
      CHICORY_REDIS,
      async () => (await import("../contenders/chicory-producer.js")).openChicoryProducer,
    ),
    contender("BullMQ", ["bullmq"], async () => (await import("../contenders/bullmq-producer.js")).openBullmqProducer),
    contender("bee-queue", ["bee-queue"], async () => {
      return (await import("../contenders/bee-queue-producer.js")).openBeeQueueProducer;
    }),
    contender("groupmq", ["groupmq"], async () => {
      return (await import("../contenders/groupmq-producer.js")).openGroupmqProducer;
    }),
    contender(XADD, ["ioredis"], async () => {
      const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
      const { barePayload } = await import("../contenders/message-format.js");
      return ioredisProducer({ format: barePayload, autoPipelining: false });
    }),
  ],
  comparisons: ["BullMQ", "bee-queue", "groupmq", XADD].map((reference) => ({
    subject: { contender: CHICORY },
    reference: { contender: reference },
  })),
  rounds: { quick: 1, full: 1 },
  warmUps: { quick: 0, full: 0 },
  onlyFull: true,
};

function contender(name: string, packages: readonly string[], open: () => Promise<OpenProducer>): Contender {
  return {
    name,
    packages,
    load: async () => {
      const measures = await import("../measures/waiting-memory.js");
      return measures.waitingMemory(await open(), TASKS);
    },
  };
}
